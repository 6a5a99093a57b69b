"""Leads that a campaign pays for, put into a test's database as acceptance does."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text

from models.db.tables.campaigns import campaign, campaign_version
from models.domain.campaign import CampaignSettings
from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.ids import new_id
from models.domain.lead import DispositionStatus, Verdict
from models.domain.sending import Settlement
from tests.support.leads import NOW, Leads, TestSchool


def hold_place(
    leads: Leads,
    school: TestSchool,
    lead_id: UUID,
    price: int,
    *,
    limit: int = 1_000,
    campaign_id: UUID | None = None,
    **terms: Any,
) -> UUID:
    """Hold a place in three windows, one of them of money; return the campaign."""
    windows = [("day", "2026-11-22", 1), ("total_budget", "all USD", price), ("total", "all", 1)]
    with leads.engine.begin() as connection:
        paying = campaign_id or _campaign(connection, school, price)
        for period, key, taken in windows:
            connection.execute(
                text(
                    "INSERT INTO cap_window VALUES (:c, :p, :k, :u, :l) "
                    "ON CONFLICT (campaign_id, period, key) DO UPDATE "
                    "SET used = cap_window.used + :u"
                ),
                {"c": paying, "p": period, "k": key, "u": taken, "l": limit * taken},
            )
        connection.execute(
            text("INSERT INTO cap_ledger VALUES (:lead, :c, CAST(:w AS jsonb), 'held', now())"),
            {"lead": lead_id, "c": paying, "w": json.dumps(windows)},
        )
        connection.execute(
            text(
                "UPDATE lead SET price_minor = :price, currency = 'USD', "
                "terms = CAST(:terms AS jsonb) WHERE id = :lead"
            ),
            {"lead": lead_id, "price": price, "terms": json.dumps(terms)},
        )
    return paying


def _campaign(connection: Connection, school: TestSchool, price: int) -> UUID:
    made = new_id(NOW)
    connection.execute(
        insert(campaign).values(
            id=made,
            organization_id=school.organization_id,
            name="c",
            status="active",
            version=1,
            created_at=NOW,
        )
    )
    connection.execute(
        insert(campaign_version).values(
            id=new_id(NOW),
            campaign_id=made,
            version=1,
            price_minor=price,
            currency="USD",
            settings=CampaignSettings((school.unitid,)).document(),
            created_at=NOW,
            created_by="test",
        )
    )
    return made


def deliver_all(leads: Leads, school: TestSchool) -> None:
    """Let everything that waits for a school arrive."""
    done = Outcome(DeliveryStatus.DELIVERED, "test", 200)
    with leads.unit_of_work() as work:
        claims = work.deliveries.claim({school.destination_id: 100}, timedelta(minutes=1))
        work.deliveries.finish([Settlement(each, done.status, done) for each in claims])


def say(leads: Leads, school: TestSchool, lead_id: UUID, status: DispositionStatus) -> Verdict:
    """Say as a school what became of a lead."""
    with leads.unit_of_work() as work:
        now = work.deliveries.now()
        said = work.dispositions.record_raw(lead_id, school.organization_id, b"{}", now)
        return work.dispositions.apply(said, status)
