"""One delivery that cannot be tried, sent or written down, and all the others."""

import threading
import time
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from typing_extensions import override

from models.db.crypto import Keyring
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.ids import Prefix, show
from tests.support.draining import draining
from tests.support.leads import Leads, eventually
from workers.delivery.failpoints import Failpoint
from workers.delivery.ports import Unwatched
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


def test_an_outcome_that_cannot_be_written_holds_up_no_other_and_is_kept(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        stuck, *others = [leads.delivery(school) for _ in range(12)]
        leads.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no'; END $$"
        )
        leads.run(
            "CREATE TRIGGER refuse BEFORE UPDATE ON delivery FOR EACH ROW "
            f"WHEN (NEW.id = '{stuck}' AND NEW.status = 'delivered') EXECUTE FUNCTION refuse()"
        )
        with draining(leads.unit_of_work):
            assert eventually(lambda: all(leads.row(d).status == "delivered" for d in others), 3)
            others.append(leads.delivery(school))
            assert eventually(lambda: leads.row(others[-1]).status == "delivered", 2)
            assert leads.row(stuck).status == "leased"
            leads.run("DROP TRIGGER refuse ON delivery")
            assert eventually(lambda: leads.row(stuck).status == "delivered", 5)
    assert len(receiver.received) == 13


def test_a_stop_tries_once_more_to_write_what_could_not_be_written(leads: Leads) -> None:
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        leads.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no'; END $$"
        )
        leads.run(
            "CREATE TRIGGER refuse BEFORE UPDATE ON attempt FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        with draining(leads.unit_of_work) as drainer:
            assert receiver.wait_for(1)
            time.sleep(0.3)
            leads.run("DROP TRIGGER refuse ON attempt")
            assert drainer.stop()
        assert leads.row(delivery_id).status == "delivered"


class _Broken(Unwatched):
    """Someone who watches and raises."""

    def __init__(self) -> None:
        self.told: list[int] = []

    @override
    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        del kind, purpose, outcome
        self.told.append(latency_ms)
        raise RuntimeError("a bug of a watcher")


def test_a_watcher_that_raises_after_the_commit_makes_nothing_be_written_twice(
    leads: Leads,
) -> None:
    watch = _Broken()
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        with draining(leads.unit_of_work, watch=watch):
            for n in range(1, 4):
                delivery_id = leads.delivery(school)
                assert eventually(lambda d=delivery_id: leads.row(d).status == "delivered", 3)  # type: ignore[misc]
                time.sleep(0.2)
                assert len(watch.told) == n


def test_while_nothing_can_be_written_down_no_more_leaves_than_a_crash_may_repeat_invariant_4(
    leads: Leads,
) -> None:
    blocked = threading.Event()
    most = 4 + 8  # senders and one group

    def hit(point: Failpoint) -> None:
        if point is Failpoint.FINALISE_UNCOMMITTED and len(receiver.received) > 4:
            blocked.wait(30)

    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        for _ in range(40):
            leads.delivery(school)
        with draining(leads.unit_of_work, hit=hit, group_most=8):
            assert receiver.wait_for(most)
            time.sleep(0.3)
            arrived = sum(status == "delivered" for status in leads.statuses())
            assert len(receiver.received) - arrived <= most
            blocked.set()
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)
    assert len(receiver.received) == 40


def test_what_waits_for_a_sender_goes_back_untried_when_its_destination_asks_for_less(
    leads: Leads,
) -> None:
    answered: list[float] = []

    def answer(_received: Received) -> Reply:
        answered.append(time.monotonic())
        return Reply(429, headers={"retry-after": "1"}) if len(answered) == 30 else Reply()

    with MockReceiver(answer) as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(80)]
        with draining(leads.unit_of_work):
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)
    # What was on its way, and as many as there are senders; the others went back.
    assert sum(0 < at - answered[29] < 0.8 for at in answered) <= 3 * 4
    times = Counter(received.id for received in receiver.received)
    assert times.total() == 81
    for one in ids:
        reasons = [attempt.reason for attempt in leads.attempts(one)]
        assert len(reasons) == leads.row(one).attempts == times[show(Prefix.DELIVERY, one)]
