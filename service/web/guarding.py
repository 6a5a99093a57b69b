"""What a page says and asks to tell people from programs (models.domain.guarding)."""

from collections.abc import Collection

from flask import request

from models.domain.errors import InvalidInputError
from models.domain.guarding import Verdict
from service.figures import SENDINGS
from service.slate_cache import counted_as
from service.steps.guard_request import Sending, guard_request, mark_of
from service.web import draft as drafts
from service.web.pages import services, t, visitor

# A field that no person sees, reaches or hears of; named as programs like to fill it in.
TRAP = "website"


def trapped() -> bool:
    """Whether the field was filled in that nobody can see."""
    if not request.form.get(TRAP):
        return False
    SENDINGS.labels("trapped").inc()
    return True


def page_mark(key: str) -> str:
    """The mark of a draft's page; drawn again, it keeps the time of the first one."""
    return mark_of(services(), key, request.form.get("mark", ""))


def must_confirm(key: str, unitids: Collection[int]) -> bool:
    """Look at the form that is sent now, and say whether its student must open a link first.

    Args:
        key: of the draft it sends.
        unitids: the schools that would get it.

    Raises:
        InvalidInputError: with what to do, where the page must be shown again.
        RateLimitError: when more came within a minute than any person sends.
    """
    sent = Sending(
        key=key,
        mark=request.form.get("mark", ""),
        answer=request.form.get("proof", ""),
        address=counted_as(visitor().address),
        email=drafts.student().get("email", ""),
        unitids=unitids,
    )
    verdict = guard_request(services(), sent)
    if verdict in {Verdict.STALE, Verdict.QUICK}:
        words = "error.stale" if verdict is Verdict.STALE else "error.quick"
        raise InvalidInputError({"main": [t(words)]})
    return verdict is Verdict.CONFIRM
