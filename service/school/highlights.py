"""Highlights: written, replaced, taken down; an operator decides what is shown."""

from uuid import UUID

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from matcher.catalog import BADGES
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.highlight import HighlightKind
from models.domain.ids import Prefix
from service.school.campaigns import school_choices
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, done, refused, room, wrong
from service.steps import own_highlights
from service.web.pages import services
from service.web.problems import Problems

_FIELDS = ("unitid", "cip", "kind", "statement", "badge")


def highlights() -> Response:
    """Show what is said and what waits; ``replace`` names one to be written anew."""
    wanted = request.args.get("replace", "")
    return _draw({"kind": "statement"}, Problems(), _id(wanted) if wanted else None)


def write_highlight() -> Response | Redirect:
    """Send a highlight to an operator, unless the lint refuses it."""
    typed = {name: request.form.get(name, "") for name in _FIELDS}
    shown = request.form.get("replaces", "")
    replaces = _id(shown) if shown else None
    wanted = own_highlights.HighlightWanted(**typed, replaces=replaces)
    organization = membership().organization_id
    try:
        own_highlights.write(services(), insider().staff, organization, wanted)
    except InvalidInputError as error:
        return _draw(typed, wrong(error).in_order(_FIELDS), replaces)
    except ConflictError:
        return refused(None, url_for("school.highlights"))
    except NotFoundError as error:
        raise NotFound from error
    return done("school.highlights.written", url_for("school.highlights"))


def take_down_highlight(highlight_id: str) -> Redirect:
    """Take one down; it is gone within a second."""
    found, organization = _id(highlight_id), membership().organization_id

    def take_down() -> None:
        try:
            own_highlights.take_down(services(), insider().staff, organization, found)
        except NotFoundError as error:
            raise NotFound from error

    return act(take_down, "school.highlights.taken_down", url_for("school.highlights"))


def _draw(values: dict[str, str], problems: Problems, replaces: UUID | None) -> Response:
    found = own_highlights.highlights(services(), membership().organization_id)
    replaced = next((each for each in found.highlights if each.id == replaces), None)
    if replaces is not None and replaced is None:
        raise NotFound
    if replaced is not None and "unitid" not in values:
        statement = replaced.kind is HighlightKind.STATEMENT
        values = {
            "unitid": str(replaced.unitid),
            "cip": replaced.cip or "",
            "kind": replaced.kind.value,
            "statement" if statement else "badge": replaced.words,
        }
    return room(
        "school/highlights.html",
        422 if problems else 200,
        problems=problems,
        values=values,
        found=found.highlights,
        reasons=found.reasons,
        offered=found.offered,
        schools=school_choices(found.offered.schools.values()),
        replaced=replaced,
        badges=BADGES,
        kinds=[each.value for each in HighlightKind],
    )


def _id(shown: str) -> UUID:
    return identifier(Prefix.HIGHLIGHT, shown)
