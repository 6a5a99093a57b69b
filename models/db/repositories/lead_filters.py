"""Filters over leads as SQL: only what narrows is in the question, so that indexes are used."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from models.db.crypto import Keyring
from models.db.repositories import arrays
from models.domain.lead_search import (
    DELIVERY_STATES,
    LATE,
    ORGANIC,
    STATUSES,
    LeadFilter,
    Sought,
    SoughtBy,
)

_CLAUSES = {
    "status": " AND st.status = ANY(CAST(:status AS text[]))",
    "unitid": " AND l.unitid = :unitid",
    "program_id": """ AND EXISTS (SELECT 1 FROM lead_listing p
        WHERE p.lead_id = l.id AND p.program_id = :program_id)""",
    "state": " AND r.jurisdiction = :state",
    "campaign_id": """ AND l.campaign_version_id IN
        (SELECT v.id FROM campaign_version v WHERE v.campaign_id = :campaign_id)""",
    "since": " AND l.created_at >= :since",
    "until": " AND l.created_at < :until",
}
_TRIED = " AND (d.attempts > 0 OR d.status = 'in_doubt')"
_THESE = " AND l.id = ANY(CAST(:ids AS uuid[]))"
# A contact point is told only to whom one of its channels was agreed.
_WITH = {
    SoughtBy.EMAIL: """ AND r.email_index = :sought AND EXISTS
        (SELECT 1 FROM consent c WHERE c.lead_id = l.id AND c.channel = 'email')""",
    SoughtBy.PHONE: """ AND r.phone_index = :sought AND EXISTS
        (SELECT 1 FROM consent c WHERE c.lead_id = l.id AND c.channel IN ('call', 'text'))""",
}
_DELIVERY = " AND EXISTS (SELECT 1 FROM delivery d WHERE d.lead_id = l.id AND d.purpose = 'lead'"


def clauses(wanted: LeadFilter) -> tuple[str, dict[str, Any]]:
    """Write a filter: conditions on l, r and st, and their values."""
    values = {name: given for name in _CLAUSES if (given := getattr(wanted, name)) is not None}
    written = "".join(_CLAUSES[name] for name in values)
    if wanted.status is not None:
        values["status"] = arrays.texts(status.value for status in STATUSES[wanted.status])
    if wanted.origin is not None:
        no = "" if wanted.origin == ORGANIC else "NOT "
        written += f" AND l.price_minor IS {no}NULL"
    if wanted.delivery is not None or wanted.destination_id is not None:
        more, given = _delivery(wanted)
        written += more
        values |= given
    return written, values


def sought_clause(
    keyring: Keyring, sought: Sought | Collection[UUID] | None
) -> tuple[str, dict[str, Any]]:
    """Write who is looked for, by a blind index or by leads that were found already."""
    if sought is None:
        return "", {}
    if not isinstance(sought, Sought):
        return _THESE, {"ids": arrays.uuids(sought)}
    index = keyring.blind_index(sought.by.value, sought.value)
    return _WITH[sought.by], {"sought": index}


def _delivery(wanted: LeadFilter) -> tuple[str, dict[str, Any]]:
    inside, values = [_DELIVERY], dict[str, Any]()
    if wanted.destination_id is not None:
        inside.append("AND d.destination_id = :destination_id")
        values["destination_id"] = wanted.destination_id
    if wanted.delivery is not None:
        states = DELIVERY_STATES[wanted.delivery]
        inside.append("AND d.status = ANY(CAST(:delivery AS text[]))")
        inside += [_TRIED] if wanted.delivery == LATE else []
        values["delivery"] = arrays.texts(state.value for state in states)
    return " ".join(inside) + ")", values
