"""GET /api/v1/feed/leads: an organization fetches its leads, page by page."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from typing_extensions import override

from models.domain.organization import Scope
from service.api.v1.endpoints import Answer, Endpoints, answer, services
from service.api.v1.holder import holder
from service.api.v1.rules import Number, Rules, Text
from service.steps.read_feed import read_feed

MOST_ITEMS = 500
endpoints = Endpoints("feed", __name__, description="Leads, for an organization to fetch")


class FeedQuery(Rules):
    """From where, and how much."""

    cursor = Text(4000)
    limit = Number(1, MOST_ITEMS, load_default=100)

    @override
    def _left_out(self, name: str, value: Any) -> bool:
        # An empty limit is a program's slip, not an answer left blank, and not what we document.
        return name != "limit" and super()._left_out(name, value)


class FeedItemSchema(Schema):
    """One item: the body that a webhook would have had, and the delivery's id."""

    id = fields.String(
        required=True,
        metadata={"description": "The same whenever it is read; an item may come again."},
    )
    type = fields.String(
        required=True,
        metadata={
            "description": "lead.created, lead.corrected, lead.withdrawn, lead.deleted, "
            "lead.withheld, lead.unreadable or destination.test. Where a lead was withdrawn, "
            "deleted or withheld since, its earlier items say so and hold nothing of the student."
        },
    )
    timestamp = fields.String(required=True, allow_none=True, metadata={"type": ["string", "null"]})
    data = fields.Dict(required=True)


class FeedPageSchema(Schema):
    """Items in order."""

    items = fields.List(fields.Nested(FeedItemSchema), required=True)
    next_cursor = fields.String(
        required=True, metadata={"description": "Reads on after these items, now or later."}
    )
    more = fields.Boolean(
        required=True, metadata={"description": "Whether there is more to read at once."}
    )


@endpoints.endpoint(
    "GET",
    "/feed/leads",
    Answer(200, "Items after the cursor, in order", FeedPageSchema),
    takes=FeedQuery,
    location="query",
    security=[{"api_key": [Scope.READ_LEADS.value]}],
)
def leads(asked: dict[str, Any]) -> Response:
    """Fetch what came after a cursor.

    A reader that keeps the last ``next_cursor`` sees every item, in order, at least once. Without
    a cursor the feed begins at its beginning.
    """
    page = read_feed(services(), holder(), asked.get("cursor"), asked["limit"])
    return answer({"items": list(page.items), "next_cursor": page.next_cursor, "more": page.more})
