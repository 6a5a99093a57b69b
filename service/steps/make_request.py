"""Turning a checked submission into what is kept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.consent import Channel, ConsentText
from models.domain.destination import TakesRequests
from models.domain.ids import Prefix, new_id, show
from models.domain.matching import Listing, Slate
from models.domain.request import (
    LeadListing,
    NewConsent,
    NewLead,
    NewRequest,
    NotTaken,
)
from models.domain.school_id import show_school
from models.domain.slates import slate_document
from models.proof.chain import canonical_json
from service.services import Services
from service.steps.check_request import Agreed
from service.steps.choose_schools import takes_organic
from service.steps.inputs import RequestInput, Submission
from service.steps.outputs import ChosenSchool, ShownListing

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission and everything it was checked against."""

    asked: RequestInput
    sent: Submission
    slate: Slate
    schools: Sequence[ChosenSchool]
    agreed: Agreed
    taking: Mapping[int, TakesRequests]
    now: datetime


def make_request(services: Services, checked: Checked) -> NewRequest:
    """Give everything its id and write the canonical bytes of each consent."""
    asked, sent, slate = checked.asked, checked.sent, checked.slate
    request_id = new_id(checked.now, services.randomness)
    leads = [
        _lead(services, checked, request_id, school)
        for school in checked.schools
        if checked.agreed[school.unitid]
    ]
    # check_request lets a school stand without consent only when it is shut.
    not_taken = [
        NotTaken(school.unitid, school.shut)
        for school in checked.schools
        if school.shut is not None and not checked.agreed[school.unitid]
    ]
    listings = [one for school in checked.schools for one in school.listings]
    return NewRequest(
        id=request_id,
        person_id=new_id(checked.now, services.randomness),
        created_at=checked.now,
        source=sent.source,
        idempotency_key=sent.idempotency_key,
        body_hash=sent.body_hash,
        slate_id=slate.id,
        slate=kept_slate(slate, listings),
        locale=asked.locale,
        jurisdiction=slate.jurisdiction,
        student=asked.student,
        evidence=sent.evidence,
        privacy_control=sent.privacy_control,
        leads=tuple(leads),
        not_taken=tuple(not_taken),
        publisher_id=slate.publisher_id,
        landing_page=slate.landing_page,
        creative=slate.creative,
        confirm=sent.confirm,
    )


def kept_slate(slate: Slate, listings: Sequence[ShownListing]) -> dict[str, Any]:
    """Copy the slate and the ticked listings, so that a worker can render without a catalog."""
    return {"slate": slate_document(slate), "listings": list(map(_kept_listing, listings))}


def _kept_listing(shown: ShownListing) -> dict[str, Any]:
    listing = shown.listing
    version = listing.campaign_version_id
    return {
        "listing_id": shown.id,
        "position": listing.position,
        "organic_position": listing.organic_position,
        "campaign_version_id": None if version is None else str(version),
        "program": listing.program._asdict(),
        "school": listing.school._asdict(),
    }


def _lead(
    services: Services,
    checked: Checked,
    request_id: UUID,
    school: ChosenSchool,
) -> NewLead:
    lead_id = new_id(checked.now, services.randomness)
    consents = [
        _consent(services, checked, request_id, lead_id, text)
        for text in checked.agreed[school.unitid].values()
    ]
    return NewLead(
        id=lead_id,
        unitid=school.unitid,
        organization_id=checked.taking[school.unitid].organization_id,
        listings=tuple(_ticked(one.id, one.listing) for one in school.listings),
        consents=tuple(consents),
        answers=checked.asked.answers.get(school.unitid, {}),
        takes_organic=takes_organic(school, checked.taking),
    )


def _ticked(shown_id: str, listing: Listing) -> LeadListing:
    return LeadListing(
        listing_id=shown_id,
        program_id=listing.program.id,
        campaign_version_id=listing.campaign_version_id,
        position=listing.position,
        organic_position=listing.organic_position,
    )


def _consent(
    services: Services,
    checked: Checked,
    request_id: UUID,
    lead_id: UUID,
    text: ConsentText,
) -> NewConsent:
    consent_id = new_id(checked.now, services.randomness)
    student = checked.asked.student
    contact = student.email if text.channel is Channel.EMAIL else student.phone
    canonical = canonical_json(
        {
            "consent_id": show(Prefix.CONSENT, consent_id),
            "request_id": show(Prefix.REQUEST, request_id),
            "lead_id": show(Prefix.LEAD, lead_id),
            "school_id": show_school(text.unitid),
            "channel": text.channel.value,
            "text_id": text.text_id,
            "text": text.text,
            "version": text.version,
            "locale": text.locale,
            "jurisdiction": text.jurisdiction,
            "contact": contact,
            "name": [student.first_name, student.last_name],
            "agreed_at": checked.now.isoformat(),
            "address": checked.sent.evidence.address,
            "page": checked.sent.evidence.page,
            # Hides the rest behind the commitment, which is not sealed.
            "salt": services.randomness(_SALT_BYTES).hex(),
        }
    )
    return NewConsent(
        consent_id,
        text.unitid,
        text.channel,
        text,
        canonical,
        hashlib.sha256(canonical).digest(),
    )
