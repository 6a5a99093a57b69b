"""The body of our own webhook, made of a lead's facts; plain functions without I/O.

A school is told what the student agreed to be told: a contact point is there only when one of its
channels was ticked (``email`` for the address, ``call`` or ``text`` for the number).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.domain.consent import BY_PHONE, Channel
from models.domain.delivery import Purpose
from models.domain.errors import SchoolmatchError
from models.domain.ids import Prefix, show
from models.domain.school_id import show_school
from models.domain.sending import DestinationTest, LeadFacts, StopReason

_TYPES = {
    Purpose.LEAD: "lead.created",
    Purpose.WITHDRAWAL: "lead.withdrawn",
    Purpose.CORRECTION: "lead.corrected",
    Purpose.DELETION: "lead.deleted",
}
_STOPPED = {
    StopReason.ERASED: "lead.deleted",
    StopReason.WITHDRAWN: "lead.withdrawn",
    StopReason.NO_CONSENT: "lead.withheld",
    StopReason.SUPPRESSED: "lead.withheld",
    StopReason.UNCONFIRMED: "lead.withheld",
}
_WHOLE = frozenset({Purpose.LEAD, Purpose.CORRECTION})
_PROGRAM = ("id", "cip", "title", "credential_level", "format", "sponsored")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_SEARCH = ("education_level", "postal_code", "region")


class UnrenderableError(SchoolmatchError):
    """A lead's facts cannot be made into a body; trying again cannot help."""


def render(facts: LeadFacts | DestinationTest) -> bytes:
    """Write the body of a delivery: the same facts always give the same bytes.

    Raises:
        UnrenderableError: when a fact that must be there is missing or of the wrong kind.
    """
    try:
        body = _test(facts) if isinstance(facts, DestinationTest) else _body(facts)
        return _JSON.encode(body).encode()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The error's own words may quote the student; its kind may not.
        raise UnrenderableError(f"a lead's facts cannot be used: {type(error).__name__}") from None


def stopped(facts: LeadFacts, reason: StopReason, at: datetime) -> dict[str, Any]:
    """Say of a lead that its content may not be told any more: what is true of it now."""
    return {"type": _STOPPED[reason], "timestamp": _moment(at), "data": _which(facts)}


def _test(facts: DestinationTest) -> dict[str, Any]:
    data = {
        "destination_id": show(Prefix.DESTINATION, facts.destination_id),
        "note": "A test of this destination. There is no student and no lead behind it.",
    }
    return {"type": "destination.test", "timestamp": _moment(facts.at), "data": data}


def _which(facts: LeadFacts) -> dict[str, Any]:
    return {
        "lead_id": show(Prefix.LEAD, facts.lead_id),
        "request_id": show(Prefix.REQUEST, facts.request_id),
        "school": _school(facts),
    }


def _body(facts: LeadFacts) -> dict[str, Any]:
    data = _which(facts)
    if facts.purpose in _WHOLE:
        data |= _lead(facts)
    at = facts.requested_at if facts.purpose is Purpose.LEAD else facts.purpose_at
    return {"type": _TYPES[facts.purpose], "timestamp": _moment(at), "data": data}


def _lead(facts: LeadFacts) -> dict[str, Any]:
    channels = {Channel(consent["channel"]) for consent in facts.consents}
    return {
        "programs": [{key: program.get(key) for key in _PROGRAM} for program in facts.programs],
        "student": _student(facts, channels),
        "desired_start": facts.student.get("desired_start"),
        "answers": dict(facts.answers),
        "consented_channels": [channel.value for channel in Channel if channel in channels],
        "consents": [dict(consent) for consent in facts.consents],
        "verification": facts.verification.value,
        "source": dict(facts.source),
    }


def _school(facts: LeadFacts) -> dict[str, Any]:
    return {"id": show_school(facts.unitid), "name": facts.school.get("name")}


def _student(facts: LeadFacts, channels: set[Channel]) -> dict[str, Any]:
    student: Mapping[str, Any] = facts.student
    shown: dict[str, Any] = {
        "first_name": student["first_name"],
        "last_name": student["last_name"],
        **{key: facts.search.get(key) for key in _SEARCH},
        "locale": facts.locale,
    }
    if Channel.EMAIL in channels:
        shown["email"] = student["email"]
    if channels & BY_PHONE:
        shown["phone"] = student["phone"]
    return shown


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
