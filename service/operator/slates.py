"""A slate by its id, and why a listing stands where it stands: what ``explain`` says."""

from typing import Any

from flask import Response, request

from models.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    SchoolmatchError,
)
from models.domain.ids import Prefix, read
from service.staff.pages import room
from service.steps.explain_slate import KeptSlate, explain, find_slate
from service.web.pages import services


def slates() -> Response:
    """Ask for an id; show the slate; take one of its listings apart."""
    typed = {name: request.args.get(name, "").strip() for name in ("slate", "listing")}
    kept: KeptSlate | None = None
    result: dict[str, Any] | None = None
    wrong = ""
    try:
        if typed["slate"]:
            kept = find_slate(services().unit_of_work, read(Prefix.SLATE, typed["slate"]))
        if kept is not None and typed["listing"]:
            result = explain(services().serving.engine, kept, typed["listing"])
    except (ConflictError, InvalidInputError, NotFoundError) as error:
        wrong = _plain(error)
    return room(
        "operator/slates.html",
        422 if wrong else 200,
        typed=typed,
        kept=kept,
        why=result,
        wrong=wrong,
    )


def _plain(error: SchoolmatchError) -> str:
    if isinstance(error, InvalidInputError):
        return " ".join(text for texts in error.messages.values() for text in texts)
    return str(error)
