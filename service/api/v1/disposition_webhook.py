"""POST /api/v1/destinations/{id}/dispositions: a school's system says it by a signed webhook."""

from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError, fields
from werkzeug.exceptions import Conflict, NotFound, Unauthorized

from models.domain.errors import ConflictError, ForbiddenError, InvalidInputError, UnknownIdError
from models.domain.ids import Prefix, read
from service.api.v1.dispositions import (
    DispositionKeptSchema,
    DispositionSchema,
    as_object,
    show_kept,
)
from service.api.v1.endpoints import Answer, Endpoints, answer, services
from service.api.v1.parsing import read_json
from service.api.v1.rules import Rules, Text, flatten
from service.steps.receive_disposition import DispositionInput, Signed, receive_signed

endpoints = Endpoints(
    "disposition_webhook", __name__, description="What schools' systems say about their leads"
)
_LONGEST = 200


class SaidSchema(DispositionSchema):
    """What is said, and of which lead."""

    lead_id = Text(_LONGEST, required=True)


class WebhookSchema(Rules):
    """A webhook as Standard Webhooks writes it; ``type`` and ``timestamp`` are not read."""

    type = Text(_LONGEST)
    timestamp = Text(_LONGEST)
    data = fields.Nested(SaidSchema, required=True)


def _header(name: str, about: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": about, "schema": {"type": "string"}}


@endpoints.endpoint(
    "POST",
    "/destinations/<destination_id>/dispositions",
    Answer(200, "What was said is kept and counts", DispositionKeptSchema),
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": WebhookSchema(strict=True)}},
    },
    parameters=[
        _header("webhook-id", "The message's id"),
        _header("webhook-timestamp", "Seconds since 1970, within 5 minutes of now"),
        _header("webhook-signature", "Standard Webhooks, by a signing key of the destination"),
    ],
)
def receive(destination_id: str) -> Response:
    """Say by a signed webhook what became of a lead.

    Signed with the key that the destination's own webhooks are signed with; the same again gets the
    same answer.
    """
    try:
        identifier = read(Prefix.DESTINATION, destination_id)
    except UnknownIdError as error:
        raise NotFound from error
    headers = request.headers
    signed = Signed(
        headers.get("webhook-id", ""),
        headers.get("webhook-timestamp", ""),
        headers.get("webhook-signature", ""),
        request.get_data(),
    )
    try:
        kept = receive_signed(services(), identifier, signed, _read)
    except ForbiddenError as error:
        raise Unauthorized(str(error)) from error
    except ConflictError as error:
        raise Conflict(str(error)) from error
    return answer(show_kept(kept))


def _read(_raw: bytes) -> tuple[UUID, DispositionInput]:
    """Read the body of the request being answered: the bytes whose signature was checked."""
    document = as_object(read_json())
    data = dict(as_object(document.get("data")))
    lead_id = data.pop("lead_id", None)
    try:
        said: DispositionInput = DispositionSchema(strict=True).load(data)
    except ValidationError as error:
        messages = {f"data.{path}": texts for path, texts in flatten(error.messages).items()}
        raise InvalidInputError(messages) from error
    return read(Prefix.LEAD, lead_id if isinstance(lead_id, str) else ""), said
