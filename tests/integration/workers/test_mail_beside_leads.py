"""Mail to people of schools, and the leads that leave beside it."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.webhook.mock import MockReceiver
from workers.outbound.mail import MailOut, read_relay

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
        assert len(work.deliveries.claim_regardless(8, 8, LEASE)) == 6
    with leads.unit_of_work() as work:
        [after] = work.deliveries.due()
        claims = work.deliveries.claim({school.destination_id: 4}, LEASE, 1)
    assert before.room == after.room == 8
    assert len(claims) == 4, "nobody else sends there: none is left for others"


def _tried(leads: Leads) -> int:
    """How many tries the mails have had, together."""
    with leads.engine.connect() as connection:
        query = text("SELECT sum(attempts) FROM delivery WHERE by_mail")
        return int(connection.execute(query).scalar_one())


def test_a_relay_that_hangs_holds_a_quarter_of_the_senders_and_stops_no_lead(leads: Leads) -> None:
    with socket.create_server(("127.0.0.1", 0)) as relay, MockReceiver() as receiver:
        told = leads.school_of_kind("webhook", {"contact": "a@school.example"}, unitid=1)
        mails(leads, told, 12)
        school = leads.school(receiver.url, unitid=2)
        mail = MailOut(read_relay(f"smtp://localhost:{relay.getsockname()[1]}", "a@example.org"))
        with draining(leads.unit_of_work, mail=mail, senders=8):
            assert eventually(lambda: _tried(leads) > 0, 30)
            ids = [leads.delivery(school) for _ in range(20)]
            assert eventually(lambda: all(leads.row(d).status == "delivered" for d in ids), 30)
            assert _tried(leads) == 2
            relay.close()  # what hangs is cut off, so that the stop need not wait for it
