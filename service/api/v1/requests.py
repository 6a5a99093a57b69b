"""POST /api/v1/requests: send a request. GET /api/v1/requests/{id}: see what became of it."""

import hashlib
import re
from typing import Any

from flask import Response, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from models.domain.errors import InvalidInputError, UnknownIdError
from models.domain.ids import Prefix, read, show
from models.domain.request import Evidence, NotTaken
from models.domain.school_id import show_school
from models.proof.chain import canonical_json
from service.api.v1.answers import AcceptedSchema, StatusSchema
from service.api.v1.endpoints import Answer, Endpoints, answer, services, visitor
from service.api.v1.parsing import read_json
from service.api.v1.schemas_request import RequestSchema
from service.said import say
from service.steps.inputs import RequestInput, Submission
from service.steps.outputs import Accepted, NotTakenView, RequestView
from service.steps.send_request import send_request
from service.steps.view_request import view_request

endpoints = Endpoints("requests", __name__, description="Send a request and follow it")

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEY_DOC = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{_KEY.pattern}$"},
    "description": "Your own value; the same key and body get the same answer.",
}


@endpoints.endpoint(
    "POST",
    "/requests",
    Answer(202, "The request is kept", AcceptedSchema),
    takes=RequestSchema,
    parameters=[_KEY_DOC],
)
def send(asked: RequestInput) -> Response:
    """Send a request to the chosen schools.

    What is answered with 202 is kept and will be delivered. Only schools with a consent get it.
    """
    who = visitor()
    sent = Submission(
        idempotency_key=_idempotency_key(),
        body_hash=hashlib.sha256(canonical_json(read_json())).digest(),
        evidence=Evidence(who.address, who.user_agent, request.path),
        privacy_control=who.privacy_control,
        by_program=True,
    )
    return answer(_show_accepted(send_request(services(), asked, sent)), 202)


@endpoints.endpoint(
    "GET",
    "/requests/<request_id>",
    Answer(200, "Status, school by school", StatusSchema),
    security=[{"token": []}],
)
def view(request_id: str) -> Response:
    """See where each lead of a request stands; the token came with the acceptance."""
    services().slates.admit(visitor().address)
    try:
        identifier = read(Prefix.REQUEST, request_id)
    except UnknownIdError as error:
        raise NotFound from error
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    # Checked before looking, so that a stranger cannot learn which requests there are.
    if kind.lower() != "bearer" or not services().tokens.opens(identifier, token.strip()):
        raise Unauthorized(
            "Send the header Authorization: Bearer, with the token of this request.",
            www_authenticate=WWWAuthenticate("bearer"),
        )
    return answer(_show_status(view_request(services(), identifier)))


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise InvalidInputError({"Idempotency-Key": [say("key_missing")]})
    if not _KEY.fullmatch(key):
        raise InvalidInputError({"Idempotency-Key": [say("key_format")]})
    return key


def _show_accepted(accepted: Accepted) -> dict[str, Any]:
    shown = show(Prefix.REQUEST, accepted.request_id)
    return {
        "request_id": shown,
        "token": accepted.token,
        "status_url": f"{services().public_url}/api/v1/requests/{shown}",
        "leads": [
            {
                "lead_id": show(Prefix.LEAD, lead.lead_id),
                "school_id": show_school(lead.unitid),
                "status": lead.status.value,
            }
            for lead in accepted.leads
        ],
        "not_taken": [_show_not_taken(each) for each in accepted.not_taken],
    }


def _show_status(view: RequestView) -> dict[str, Any]:
    return {
        "request_id": show(Prefix.REQUEST, view.request_id),
        "leads": [
            {
                "lead_id": show(Prefix.LEAD, lead.lead_id),
                "school_id": show_school(lead.unitid),
                "school_name": lead.school_name,
                "status": lead.status.value,
                "timeline": [
                    {"at": moment.at.isoformat(), "status": moment.status.value}
                    for moment in lead.timeline
                ],
                "confirm_by": lead.confirm_by and lead.confirm_by.isoformat(),
            }
            for lead in view.leads
        ],
        "not_taken": [_show_not_taken(each) for each in view.not_taken],
    }


def _show_not_taken(each: NotTaken | NotTakenView) -> dict[str, str]:
    return {"school_id": show_school(each.unitid), "reason": str(each.reason)}
