"""Mail to people of schools, and the leads that leave beside it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from tests.support.leads import Leads, TestSchool

LEASE = timedelta(minutes=1)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def mails(leads: Leads, school: TestSchool, number: int) -> None:
    """Let people of a school be told of withdrawals by e-mail, due now."""
    for _ in range(number):
        leads.set(leads.delivery(school), purpose="withdrawal", by_mail=True)


def test_mail_in_flight_takes_no_room_at_a_destination(leads: Leads) -> None:
    school = leads.school("http://127.0.0.1:9/")
    mails(leads, school, 6)
    for _ in range(4):
        leads.delivery(school)
    with leads.unit_of_work() as work:
        [before] = work.deliveries.due()
        assert len(work.deliveries.claim_regardless(8, LEASE)) == 6
    with leads.unit_of_work() as work:
        [after] = work.deliveries.due()
        claims = work.deliveries.claim({school.destination_id: 4}, LEASE, 1)
    assert before.room == after.room == 8
    assert len(claims) == 4, "nobody else sends there: none is left for others"
