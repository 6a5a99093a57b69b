"""POST /api/v1/events: what a visitor did with a slate."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, post_load

from models.domain.ids import Prefix
from models.domain.slates import EventKind
from service.api.v1.endpoints import Answer, Endpoints, answer, services
from service.api.v1.rules import Choice, Inside, Many, Rules
from service.api.v1.schemas import ShownId
from service.api.v1.schemas_request import ListingId
from service.steps.inputs import EventInput
from service.steps.record_events import record_events

MOST_EVENTS = 100
endpoints = Endpoints("events", __name__, description="Tell what was seen and clicked")


class PageEvent(StrEnum):
    """What a page may tell; that a request was started we see ourselves."""

    IMPRESSION = "impression"
    CLICK = "click"


class EventSchema(Rules):
    """One event."""

    kind = Choice(PageEvent, required=True)
    listing_id = ListingId(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> EventInput:
        """Make the step's input."""
        return EventInput(EventKind(data["kind"].value), data["listing_id"])


class KeptSchema(Schema):
    """How many events were kept."""

    kept = fields.Integer(required=True)


class EventsSchema(Rules):
    """Events of one slate."""

    slate_id = ShownId(Prefix.SLATE, "slate_unknown", required=True)
    events = Many(Inside(EventSchema), MOST_EVENTS, least=1, required=True)


@endpoints.endpoint(
    "POST", "/events", Answer(202, "How many events were kept", KeptSchema), takes=EventsSchema
)
def events(asked: dict[str, Any]) -> Response:
    """Tell which listings of a slate were seen or clicked; no personal data."""
    slate_id: UUID = asked["slate_id"]
    kept = record_events(services(), slate_id, tuple(asked["events"]))
    return answer({"kept": kept}, 202)
