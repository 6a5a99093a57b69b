"""A student is contacted by no more schools at once than a budget says, by any worker."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.consent import Channel
from models.domain.contact_budget import ContactLimit
from models.domain.delivery import Purpose
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.webhook.mock import MockReceiver

BUDGET = (ContactLimit(Channel.CALL, 2, 24),)
UNITIDS = (194240, 194241, 194242, 194243)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def waiting(leads: Leads, ids: Sequence[UUID]) -> list[bool]:
    return [leads.row(one).status == "pending" for one in ids]


def test_no_more_schools_call_a_student_than_the_budget_says(leads: Leads) -> None:
    with MockReceiver() as receiver:
        schools = [leads.school(receiver.url, unitid=unitid) for unitid in UNITIDS]
        ids = [leads.delivery(school) for school in schools]
        # A school that only writes is not counted, and nor is a second lead for one that called.
        written = leads.delivery(schools[3], channels=[Channel.EMAIL])
        with draining(leads.unit_of_work, contact_budget=BUDGET):
            assert eventually(lambda: sum(waiting(leads, ids)) == 2, 30)
            assert eventually(lambda: leads.row(written).status == "delivered", 30)
            put_off = [one for one in ids if leads.row(one).status == "pending"]
            with leads.unit_of_work() as work:
                now = work.deliveries.now()
            assert all(
                timedelta(hours=23) < leads.row(one).due_at - now <= timedelta(hours=24)
                for one in put_off
            )
            again = leads.delivery(_of(schools, leads, ids))
            assert eventually(lambda: leads.row(again).status == "delivered", 30)
            # A day later the others may.
            leads.run("UPDATE attempt SET started_at = started_at - interval '25 hours'")
            leads.run("UPDATE delivery SET due_at = now() WHERE status = 'pending'")
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)


def _of(schools: list[TestSchool], leads: Leads, ids: list[UUID]) -> TestSchool:
    """The school of the first lead that arrived."""
    arrived = next(one for one in ids if leads.row(one).status == "delivered")
    return schools[ids.index(arrived)]


def test_another_student_and_what_is_no_lead_do_not_wait(leads: Leads, keyring: Keyring) -> None:
    with MockReceiver() as receiver:
        schools = [leads.school(receiver.url, unitid=unitid) for unitid in UNITIDS[:3]]
        ids = [leads.delivery(school) for school in schools]
        other = keyring.blind_index("email", "other@example.com").hex()
        leads.run(
            "UPDATE request SET email_index = decode(:other, 'hex') WHERE id = "
            "(SELECT l.request_id FROM lead l JOIN delivery d ON d.lead_id = l.id "
            "WHERE d.id = :id)",
            other=other,
            id=ids[2],
        )
        lead_id = leads.row(ids[0]).lead_id
        with draining(leads.unit_of_work, contact_budget=BUDGET):
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)
            told = leads.deliver(schools[0], lead_id, Purpose.WITHDRAWAL)
            assert eventually(lambda: leads.row(told).status == "delivered", 30)
