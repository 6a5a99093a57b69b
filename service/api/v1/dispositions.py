"""POST /api/v1/leads/{id}/dispositions: a school says what became of a lead."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, post_load
from typing_extensions import override
from werkzeug.exceptions import Conflict, NotFound

from models.domain.errors import ConflictError, InvalidInputError, UnknownIdError
from models.domain.ids import Prefix, read, show
from models.domain.lead import DispositionStatus
from models.domain.organization import Scope
from service.api.v1.endpoints import Answer, Endpoints, answer, services
from service.api.v1.holder import holder
from service.api.v1.parsing import read_json
from service.api.v1.plain import word
from service.api.v1.rules import Checked, Choice, Rules, Text, flatten
from service.said import say
from service.steps.receive_disposition import (
    DispositionInput,
    DispositionKept,
    receive_disposition,
)

endpoints = Endpoints("dispositions", __name__, description="What schools say about their leads")


class MomentField(Checked[datetime]):
    """A moment with its offset, such as ``2026-11-22T12:00:00Z``."""

    @override
    def read(self, value: Any) -> datetime:
        """Read it."""
        wrong = say("moment_format")
        try:
            moment = datetime.fromisoformat(word(value))
            if moment.tzinfo is None:
                raise ValidationError(wrong)
            # Near the ends of the calendar a moment with an offset is none in UTC.
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError(wrong) from error


class DispositionSchema(Rules):
    """What a school says about a lead."""

    status = Choice(DispositionStatus, required=True)
    reason = Text(500, lines=True)
    at = MomentField(metadata={"type": "string", "format": "date-time"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> DispositionInput:
        """Make the step's input."""
        return DispositionInput(**data)


class DispositionKeptSchema(Schema):
    """What holds now."""

    lead_id = fields.String(required=True)
    status = fields.String(required=True)


@endpoints.endpoint(
    "POST",
    "/leads/<lead_id>/dispositions",
    Answer(200, "What was said is kept and counts", DispositionKeptSchema),
    security=[{"api_key": [Scope.WRITE_DISPOSITIONS.value]}],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": DispositionSchema(strict=True)}},
    },
)
def receive(lead_id: str) -> Response:
    """Say what became of a lead.

    What comes is kept before it is read. The same said again gets the same answer; what cannot
    follow what was said before is refused with 409, naming what may.
    """
    asking = holder()
    try:
        identifier = read(Prefix.LEAD, lead_id)
    except UnknownIdError as error:
        raise NotFound from error
    try:
        kept = receive_disposition(services(), asking, identifier, request.get_data(), _read)
    except ConflictError as error:
        raise Conflict(str(error)) from error
    return answer(show_kept(kept))


def _read(_raw: bytes) -> DispositionInput:
    """Read the body of the request being answered: the bytes that were kept."""
    try:
        said: DispositionInput = DispositionSchema(strict=True).load(as_object(read_json()))
    except ValidationError as error:
        raise InvalidInputError(flatten(error.messages)) from error
    return said


def as_object(document: Any) -> dict[str, Any]:
    """Take an object.

    Raises:
        InvalidInputError: when it is none.
    """
    if not isinstance(document, dict):
        raise InvalidInputError({"": [say("not_object")]})
    return document


def show_kept(kept: DispositionKept) -> dict[str, str]:
    """Write what holds now."""
    return {"lead_id": show(Prefix.LEAD, kept.lead_id), "status": kept.status.value}
