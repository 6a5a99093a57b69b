"""A table of what became of leads: looked at first, and kept when somebody says so."""

from flask import Response, request

from models.domain.errors import InvalidInputError
from service.said import say
from service.staff.guard import insider, membership
from service.staff.pages import room, wrong
from service.steps.import_dispositions import foresee_dispositions
from service.steps.staff_leads import say_dispositions
from service.web.pages import services
from service.web.problems import Problems

# A form may have half a megabyte, and the table comes twice: as it was, and back to be kept.
_MOST_BYTES = 400_000
# So many are listed; the rest is counted.
_MOST_LISTED = 200


def table() -> Response:
    """Show where a table can be put."""
    return _draw(Problems(), 200)


def look() -> Response:
    """Say what a table would come to, row by row; nothing of it is kept."""
    try:
        return foresee(_given())
    except InvalidInputError as error:
        return _draw(wrong(error), 422)


def foresee(given: bytes) -> Response:
    """Show what a table would come to.

    Raises:
        InvalidInputError: when it is none.
    """
    foreseen = foresee_dispositions(services(), membership().organization_id, given)
    return room(
        "school/table_seen.html",
        foreseen=foreseen,
        listed=foreseen.refused[:_MOST_LISTED],
        unlisted=len(foreseen.refused[_MOST_LISTED:]),
        given=given.decode("utf-8-sig"),
    )


def save() -> Response:
    """Keep the rows that can count, now that somebody said so; tell which could not."""
    given = request.form.get("rows", "").encode()
    try:
        kept = say_dispositions(services(), insider().staff, membership().organization_id, given)
    except InvalidInputError as error:
        return _draw(wrong(error), 422)
    return room(
        "school/table_kept.html",
        kept=kept.kept,
        listed=kept.refused[:_MOST_LISTED],
        unlisted=len(kept.refused[_MOST_LISTED:]),
    )


def _given() -> bytes:
    file = request.files.get("table")
    given = file.read() if file else b""
    given = given or request.form.get("pasted", "").encode()
    if not given.strip():
        raise InvalidInputError({"table": [say("table_empty")]})
    if len(given) > _MOST_BYTES:
        raise InvalidInputError({"table": [say("table_long", most=_MOST_BYTES // 1000)]})
    return given


def _draw(problems: Problems, status: int) -> Response:
    values = {"pasted": request.form.get("pasted", "")}
    return room("school/table.html", status, problems=problems, values=values)
