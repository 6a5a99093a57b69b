"""Mail to people of schools, and the leads that leave beside it."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import Purpose
from tests.support.draining import draining
from tests.support.leads import NOW, Leads, TestSchool, eventually
from workers.destinations.email.mock import ANSWER_LOST, MockMailServer
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


def test_a_deletion_is_tried_again_at_an_address_that_changed_meanwhile(leads: Leads) -> None:
    """Nothing of its body is kept, as there is no key: what is made anew must be the same."""
    before = {"url": "http://127.0.0.1:9/", "contact": "old@school.example"}
    with MockMailServer(ANSWER_LOST) as server:
        school = leads.school_of_kind("webhook", before)
        made = leads.deliver(school, leads.lead(school), Purpose.DELETION)
        leads.set(made, by_mail=True)
        leads.run("UPDATE person_key SET wrapped = NULL, shredded_at = now()")
        mail = MailOut(read_relay(f"smtp://localhost:{server.port}", "a@example.org"))
        with draining(leads.unit_of_work, mail=mail):
            assert eventually(lambda: leads.row(made).attempts >= 1, 30)
            with leads.unit_of_work() as work:
                after = {**before, "contact": "new@school.example"}
                work.destinations.change(school.destination_id, after, {}, by="test", now=NOW)
            assert eventually(lambda: server.received[-1].recipients == ("new@school.example",), 30)
            server.case = "good"
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert leads.row(made).body is None
    assert b"\r\nTo: new@school.example\r\n" in server.received[-1].message


def test_a_mail_that_may_have_killed_workers_is_tried_alone(leads: Leads) -> None:
    school = leads.school("http://127.0.0.1:9/")
    mails(leads, school, 1)
    leads.run("UPDATE delivery SET claims = 3")
    leads.run("UPDATE destination SET status = 'paused'")
    leads.run("UPDATE destination_state SET next_allowed_at = now() + interval '1 hour'")
    with leads.unit_of_work() as work:
        swept = work.deliveries.sweep(10)
        assert (swept.quarantined, swept.regardless) == (True, False)
        assert work.deliveries.claim_regardless(8, 8, LEASE) == []
        assert len(work.deliveries.claim_quarantined(LEASE)) == 1
