"""Rows of an accepted request: what is sealed, and what is written plain."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.db.crypto import DataKey, Keyring
from models.db.repositories.capacity import Placement
from models.domain.consent import BY_PHONE
from models.domain.delivery import DELIVERY_LIFETIME, DeliveryStatus, Purpose
from models.domain.ids import new_id
from models.domain.intake import Way
from models.domain.request import NewLead, NewRequest, NotTaken
from models.domain.verification import CONFIRM_WITHIN, Verification

Taken = tuple[NewLead, Placement | None]
# What every new delivery of a lead says besides: its times are the database's.
DUE_AT_ONCE = (
    ("purpose", f"'{Purpose.LEAD}'"),
    ("status", f"'{DeliveryStatus.PENDING}'"),
    ("due_at", "now()"),
    ("expires_at", f"now() + interval '{DELIVERY_LIFETIME.total_seconds():.0f} s'"),
)


def request_row(
    new: NewRequest, not_taken: Sequence[NotTaken], personal: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the request itself; ``personal`` are its sealed columns."""
    return {
        "source": new.source,
        "idempotency_key": new.idempotency_key,
        "body_hash": new.body_hash,
        "slate_id": new.slate_id,
        "slate": new.slate,
        "locale": new.locale,
        "jurisdiction": new.jurisdiction,
        "publisher_id": new.publisher_id,
        "landing_page": new.landing_page,
        "creative": new.creative,
        "age_18_or_over": new.student.age_18_or_over,
        "privacy_control": new.privacy_control,
        "not_taken": [[each.unitid, each.reason.value] for each in not_taken],
        **personal,
    }


def personal_columns(
    new: NewRequest, leads: Sequence[NewLead], key: DataKey, keyring: Keyring
) -> dict[str, Any]:
    """Seal what the student said of themselves and where it came from.

    A phone number stays only where one of the leads taken may use it.
    """
    student, evidence = new.student, new.evidence
    indexes = contact_indexes(new, leads, keyring)
    phone = student.phone if "phone" in indexes else None
    plain = {
        "first_name": student.first_name,
        "last_name": student.last_name,
        "email": student.email,
        "phone": phone,
        "desired_start": student.desired_start,
    }
    seen = {
        "address": evidence.address,
        "user_agent": evidence.user_agent,
        "page": evidence.page,
        "at": new.created_at.isoformat(),
    }
    return {
        "student": seal(key, plain, "request", "student", new.id),
        "evidence": seal(key, seen, "request", "evidence", new.id),
        "email_index": indexes["email"],
        "phone_index": indexes.get("phone"),
    }


def contact_indexes(
    new: NewRequest, leads: Sequence[NewLead], keyring: Keyring
) -> dict[str, bytes]:
    """Write blind indexes of the contact points that these leads may use, by field."""
    student = new.student
    indexes = {"email": keyring.blind_index("email", student.email)}
    by_phone = any(agreed.channel in BY_PHONE for each in leads for agreed in each.consents)
    if by_phone and student.phone:
        indexes["phone"] = keyring.blind_index("phone", student.phone)
    return indexes


def nothing_personal(new: NewRequest, key: DataKey) -> dict[str, Any]:
    """Fill the sealed columns for a student whom no school takes: nothing stays, not a hash."""
    return {
        "student": seal(key, {}, "request", "student", new.id),
        "evidence": seal(key, {}, "request", "evidence", new.id),
        "email_index": b"",
        "phone_index": None,
    }


def lead_row(
    new: NewRequest, key: DataKey, each: NewLead, placement: Placement | None
) -> dict[str, Any]:
    """Write a lead, its price and terms frozen; an organic one has neither."""
    answers = seal(key, each.answers, "lead", "answers", each.id) if each.answers else None
    return {
        "id": each.id,
        "unitid": each.unitid,
        "organization_id": each.organization_id,
        "campaign_version_id": placement.version_id if placement else None,
        "price_minor": placement.price_minor if placement else None,
        "currency": placement.currency if placement else None,
        "terms": placement.terms if placement else None,
        "confirm_by": confirm_by(new, placement),
        "answers": answers,
    }


def confirm_by(new: NewRequest, placement: Placement | None) -> datetime | None:
    """Tell until when a lead waits for its student, where request or campaign asks for that."""
    paid = placement is not None and placement.shown.verification is Verification.EMAIL_CONFIRMED
    asked = paid or new.confirm
    return new.created_at + CONFIRM_WITHIN if asked else None


def listing_rows(taken: Sequence[Taken]) -> list[dict[str, Any]]:
    """Write the ticked listings of each lead."""
    return [
        {
            "lead_id": each.id,
            "listing_id": listing.listing_id,
            "program_id": listing.program_id,
            "campaign_version_id": listing.campaign_version_id,
            "position": listing.position,
            "organic_position": listing.organic_position,
        }
        for each, _ in taken
        for listing in each.listings
    ]


def ledger_rows(taken: Sequence[Taken]) -> list[dict[str, Any]]:
    """Write the places that charged leads hold under caps."""
    return [
        {
            "lead_id": each.id,
            "campaign_id": placement.campaign_id,
            "windows": [[each.period, each.key, each.cost] for each in placement.windows],
        }
        for each, placement in taken
        if placement is not None
    ]


def text_rows(leads: Sequence[NewLead]) -> list[dict[str, Any]]:
    """Write the texts agreed to, in order of id.

    So that two requests that add the same texts cannot wait for each other.
    """
    texts = {agreed.text.text_id: agreed.text for each in leads for agreed in each.consents}
    return [
        {
            "id": text_id,
            "unitid": text.unitid,
            "channel": text.channel.value,
            "locale": text.locale,
            "jurisdiction": text.jurisdiction,
            "version": text.version,
            "text": text.text,
        }
        for text_id, text in sorted(texts.items())
    ]


def consent_rows(key: DataKey, leads: Sequence[NewLead]) -> list[dict[str, Any]]:
    """Write the consents; sequence, hash and signature are the sealer's."""
    return [
        {
            "id": agreed.id,
            "lead_id": each.id,
            "unitid": each.unitid,
            "channel": agreed.channel.value,
            "text_id": agreed.text.text_id,
            "locale": agreed.text.locale,
            "jurisdiction": agreed.text.jurisdiction,
            "canonical": key.seal(agreed.canonical, "consent", "canonical", agreed.id),
            "commitment": agreed.commitment,
        }
        for each in leads
        for agreed in each.consents
    ]


def delivery_rows(
    taken: Sequence[Taken], ways: Mapping[int, Way], now: datetime
) -> list[dict[str, Any]]:
    """Write the deliveries of each lead; ``DUE_AT_ONCE`` says the rest of them."""
    return [
        {"id": new_id(now), "lead_id": each.id, "destination_id": destination_id}
        for each, _ in taken
        if (way := ways.get(each.unitid)) is not None and way.route is not None
        for destination_id in way.route.now
    ]


def seal(key: DataKey, document: Mapping[str, Any], table: str, column: str, row: UUID) -> bytes:
    """Seal a JSON document for its place."""
    return key.seal(orjson.dumps(document), table, column, row)
