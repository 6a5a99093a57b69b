"""Why this lead, why not that one: the decision drawn again, for a lead or a sample search."""

from flask import Response, request
from marshmallow import ValidationError

from models.domain.campaign_changes import money
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Note
from service import messages
from service.api.v1.schemas import SearchSchema
from service.messages.formats import DEFAULT_LOCALE
from service.staff.guard import identifier, membership
from service.staff.pages import room
from service.steps import staff_why
from service.web.pages import services
from service.web.problems import Problems, messages_of, problems_of
from service.web.query import ANSWERS, Query

_SEARCH = SearchSchema()
_FORM = (*ANSWERS, "format")


def why_lead(lead_id: str) -> Response:
    """Say why a lead came."""
    found = identifier(Prefix.LEAD, lead_id)
    decision, why = staff_why.why_lead(services(), membership().organization_id, found)
    return room(
        "school/why_lead.html",
        lead_id=show(Prefix.LEAD, found),
        slate=decision.slate,
        why=why,
        reason=_reason,
        money=money,
    )


def why_search() -> Response:
    """Ask for a search; say where the school's programs would stand now, and why."""
    typed = Query((name, value) for name, value in request.args.items(multi=True) if name in _FORM)
    why, problems = None, Problems()
    if typed:
        try:
            asked = _SEARCH.load({**typed.payload(), "locale": DEFAULT_LOCALE})
            why = staff_why.why_search(services(), membership().organization_id, asked)
        except (ValidationError, InvalidInputError) as error:
            problems = problems_of(messages_of(error))
    return room(
        "school/why_search.html",
        422 if problems else 200,
        problems=problems,
        values={name: typed.get(name) for name in _FORM},
        education_levels=[str(level) for level in EducationLevel],
        formats=[str(each) for each in Format],
        why=why,
    )


def _reason(note: Note) -> str:
    return messages.note(DEFAULT_LOCALE, "reason", note)
