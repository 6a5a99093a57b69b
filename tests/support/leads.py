"""Small helpers that put leads and everything they hang on into a test's database."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert, select, text, update

from models.db.crypto import Keyring
from models.db.repositories.delivery_making import make_delivery
from models.db.tables.deliveries import attempt, delivery
from models.db.tables.organizations import organization_school
from models.db.tables.requests import (
    consent,
    lead,
    lead_listing,
    person_key,
    request,
)
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.consent import Channel
from models.domain.delivery import DELIVERY_LIFETIME, Purpose
from models.domain.destination import DestinationStatus, NewDestination
from models.domain.ids import Prefix, new_id, show
from models.proof.chain import canonical_json

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STUDENT: dict[str, Any] = {
    "first_name": "Zoë",
    "last_name": "Example",
    "email": "zoe@example.com",
    "phone": "+14045550123",
    "desired_start": "within_3_months",
}


@dataclass(frozen=True)
class TestSchool:
    """A school of an organization with one active destination."""

    __test__ = False

    unitid: int
    organization_id: UUID
    destination_id: UUID


@dataclass(frozen=True)
class Leads:
    """Makes leads in one database."""

    engine: Engine
    keyring: Keyring

    def unit_of_work(self) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(self.engine, self.keyring)

    def school(
        self, url: str, *, unitid: int = 194240, keys: Sequence[str] = (SIGNING_KEY,)
    ) -> TestSchool:
        return self.school_of_kind(
            "webhook", {"url": url}, {"signing_keys": list(keys)}, unitid=unitid
        )

    def school_of_kind(
        self,
        kind: str,
        settings: dict[str, Any] | None = None,
        secrets: dict[str, Any] | None = None,
        *,
        unitid: int = 194240,
    ) -> TestSchool:
        with self.unit_of_work() as work:
            organization = work.organizations.create(f"Org {uuid4().hex}", fictional=True, now=NOW)
            work._open().execute(
                insert(organization_school).values(
                    unitid=unitid, organization_id=organization.id, claimed_at=NOW
                )
            )
            new = NewDestination("CRM", kind, settings or {}, secrets or {}, (unitid,))
            destination_id = work.destinations.create(organization.id, new, by="test", now=NOW)
            work.destinations.set_status(destination_id, DestinationStatus.ACTIVE)
            work.destinations.mark_tested(destination_id, NOW)
        return TestSchool(unitid, organization.id, destination_id)

    def lead(
        self,
        school: TestSchool,
        *,
        channels: Sequence[Channel] = tuple(Channel),
        student: dict[str, Any] | None = None,
    ) -> UUID:
        """Insert a request with its lead and consents; return the lead's id."""
        person, request_id, lead_id = new_id(NOW), new_id(NOW), new_id(NOW)
        key, wrapped = self.keyring.new_key(person)
        listing_id = "lst_1_abcdefgh"
        program = {
            "id": f"prog_{school.unitid}.5107.2.-.-",
            "unitid": school.unitid,
            "cip": "51.07",
            "title": "Health and Medical Administrative Services",
            "credential_level": "associate",
            "format": None,
        }
        slate = {
            "slate": {"answers": {"education_level": "high_school", "postal_code": "10940"}},
            "listings": [
                {
                    "listing_id": listing_id,
                    "position": 1,
                    "organic_position": 1,
                    "campaign_version_id": None,
                    "program": program,
                    "school": {"unitid": school.unitid, "name": "Test College", "state": "NY"},
                }
            ],
        }
        with self.engine.begin() as connection:
            connection.execute(
                insert(person_key).values(
                    person_id=person,
                    master_key_id=wrapped.master_key_id,
                    wrapped=wrapped.wrapped,
                    created_at=NOW,
                )
            )
            plain = json.dumps(student or STUDENT).encode()
            connection.execute(
                insert(request).values(
                    id=request_id,
                    created_at=NOW,
                    source="site",
                    idempotency_key=str(request_id),
                    body_hash=b"h" * 32,
                    slate_id=new_id(NOW),
                    slate=slate,
                    locale="en",
                    jurisdiction="US-NY",
                    person_id=person,
                    student=key.seal(plain, "request", "student", request_id),
                    evidence=key.seal(b"{}", "request", "evidence", request_id),
                    email_index=self.keyring.blind_index("email", STUDENT["email"]),
                    phone_index=self.keyring.blind_index("phone", STUDENT["phone"]),
                    age_18_or_over=True,
                    privacy_control=False,
                    not_taken=[],
                )
            )
            connection.execute(
                insert(lead).values(
                    id=lead_id,
                    request_id=request_id,
                    unitid=school.unitid,
                    organization_id=school.organization_id,
                    created_at=NOW,
                    answers=key.seal(b'{"why": "work"}', "lead", "answers", lead_id),
                )
            )
            connection.execute(
                insert(lead_listing).values(
                    lead_id=lead_id,
                    listing_id=listing_id,
                    program_id=program["id"],
                    position=1,
                    organic_position=1,
                )
            )
            for channel in channels:
                text_id = f"txt_{school.unitid}_{channel}"
                connection.execute(
                    text(
                        "INSERT INTO consent_text VALUES "
                        "(:id, :unitid, :channel, 'en', 'US-NY', :version, :text, :at) "
                        "ON CONFLICT DO NOTHING"
                    ),
                    {
                        "id": text_id,
                        "unitid": school.unitid,
                        "channel": channel.value,
                        "version": "1",
                        "text": f"Test College may contact me by {channel}.",
                        "at": NOW,
                    },
                )
                consent_id = new_id(NOW)
                agreed = {
                    "consent_id": show(Prefix.CONSENT, consent_id),
                    "lead_id": show(Prefix.LEAD, lead_id),
                    "request_id": show(Prefix.REQUEST, request_id),
                    "channel": channel.value,
                    "text_id": text_id,
                    "name": [STUDENT["first_name"], STUDENT["last_name"]],
                    "contact": STUDENT["email"],
                    "address": "192.0.2.7",
                    "page": "/request",
                }
                opened = canonical_json(agreed)
                connection.execute(
                    insert(consent).values(
                        id=consent_id,
                        request_id=request_id,
                        lead_id=lead_id,
                        unitid=school.unitid,
                        channel=channel.value,
                        text_id=text_id,
                        locale="en",
                        jurisdiction="US-NY",
                        agreed_at=NOW,
                        canonical=key.seal(opened, "consent", "canonical", consent_id),
                        commitment=b"c" * 32,
                    )
                )
        return lead_id

    def delivery(self, school: TestSchool, **lead_values: Any) -> UUID:
        """Insert a lead with one delivery due now; return the delivery's id."""
        return self.deliver(school, self.lead(school, **lead_values))

    def deliver(self, school: TestSchool, lead_id: UUID, purpose: Purpose = Purpose.LEAD) -> UUID:
        place = (lead_id, school.destination_id)
        with self.engine.begin() as connection:
            return make_delivery(connection, *place, purpose, DELIVERY_LIFETIME, NOW)

    def route(self, delivery_id: UUID, then: Sequence[TestSchool]) -> None:
        """Let only one destination have a delivery's lead, and say where it goes next."""
        lead_id = self.row(delivery_id).lead_id
        if then:
            with self.unit_of_work() as work:
                work.requests.route(lead_id, [each.destination_id for each in then])

    def another(self, school: TestSchool, url: str) -> TestSchool:
        """Give a school one more destination; return the school as that one sees it."""
        with self.unit_of_work() as work:
            keys = {"signing_keys": [SIGNING_KEY]}
            new = NewDestination("Second", "webhook", {"url": url}, keys, (school.unitid,))
            made = work.destinations.create(school.organization_id, new, by="test", now=NOW)
            work.destinations.set_status(made, DestinationStatus.ACTIVE)
            work.destinations.mark_tested(made, NOW)
        return TestSchool(school.unitid, school.organization_id, made)

    def row(self, delivery_id: UUID) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(select(delivery).where(delivery.c.id == delivery_id)).one()

    def attempts(self, delivery_id: UUID) -> list[Any]:
        query = select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.n)
        with self.engine.begin() as connection:
            return list(connection.execute(query))

    def statuses(self) -> list[str]:
        with self.engine.begin() as connection:
            return list(connection.scalars(select(delivery.c.status)))

    def set(self, delivery_id: UUID, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                update(delivery).where(delivery.c.id == delivery_id).values(**values)
            )

    def run(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something that another thread or process does."""
    import time

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


SHORT_LEASE = timedelta(seconds=1)
