"""One delivery that cannot be tried, sent or written down, and all the others."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from tests.support.draining import draining
from tests.support.leads import Leads, eventually
from workers.destinations.webhook.mock import MockReceiver, Received, Reply


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _leave_alone(leads: Leads, destination_id: UUID) -> None:
    """Open its breaker for an hour."""
    leads.run(
        "UPDATE destination_state SET breaker = 'open', failures = 9, "
        "next_allowed_at = now() + interval '1 hour' WHERE destination_id = :id",
        id=destination_id,
    )


def test_what_waits_behind_an_open_breaker_is_not_found_to_be_tried_alone(leads: Leads) -> None:
    school = leads.school("http://127.0.0.1:9/")
    leads.set(leads.delivery(school), claims=3)
    with leads.unit_of_work() as work:
        assert work.deliveries.sweep(10).quarantined
    _leave_alone(leads, school.destination_id)
    with leads.unit_of_work() as work:
        assert not work.deliveries.sweep(10).quarantined
        assert work.deliveries.claim_quarantined(timedelta(minutes=1)) == []


def test_one_to_be_tried_alone_waits_for_no_slow_receiver_and_stops_no_one(leads: Leads) -> None:
    hold = threading.Event()

    def slow(_received: Received) -> Reply:
        hold.wait(10)
        return Reply()

    with MockReceiver(slow) as hanging, MockReceiver() as healthy:
        held = leads.delivery(leads.school(hanging.url, unitid=1))
        school = leads.school(healthy.url, unitid=2)
        with draining(leads.unit_of_work):
            assert hanging.wait_for(1)
            others = [leads.delivery(school) for _ in range(9)]
            leads.set(others[4], claims=3)
            assert eventually(lambda: all(leads.row(d).status == "delivered" for d in others), 3)
            assert leads.row(held).status == "leased"
            hold.set()
            assert eventually(lambda: leads.row(held).status == "delivered")


def test_those_to_be_tried_alone_take_one_sender_in_all(leads: Leads) -> None:
    school = leads.school("http://127.0.0.1:9/")
    for _ in range(3):
        leads.set(leads.delivery(school), claims=3)
    with leads.unit_of_work() as work:
        [first] = work.deliveries.claim_quarantined(timedelta(minutes=1))
    with leads.unit_of_work() as work:
        assert not work.deliveries.sweep(10).quarantined
        assert work.deliveries.claim_quarantined(timedelta(minutes=1)) == []
        work.deliveries.release([first])
        assert work.deliveries.sweep(10).quarantined


def test_what_is_put_off_because_of_its_destination_was_never_claimed(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        leads.run("UPDATE destination_version SET secrets = 'not sealed'")
        with draining(leads.unit_of_work):
            for _ in range(5):
                due = leads.row(delivery_id).due_at
                assert eventually(lambda due=due: leads.row(delivery_id).due_at > due)  # type: ignore[misc]
                row = leads.row(delivery_id)
                assert (row.status, row.claims, row.attempts) == ("pending", 0, 0)
                assert row.due_at - due > timedelta(minutes=4)
                leads.run("UPDATE delivery SET due_at = now()")
    assert receiver.received == []
