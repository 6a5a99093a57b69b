import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.domain.delivery import Breaker, ClaimedDelivery, DeliveryStatus, Outcome
from models.domain.errors import NotFoundError, TransitionError
from models.domain.ids import new_id
from models.domain.sending import DestinationNote, Send, Settlement
from tests.support.draining import draining
from tests.support.leads import NOW, Leads, TestSchool, eventually
from workers.delivery.failpoints import Failpoint
from workers.destinations.webhook.mock import MockReceiver

S = DeliveryStatus
LEASE = timedelta(minutes=1)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def school(leads: Leads) -> TestSchool:
    return leads.school("http://127.0.0.1:9/")


def _settle(leads: Leads, school: TestSchool, status: S) -> None:
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, LEASE)
    with leads.unit_of_work() as work:
        work.deliveries.finish([Settlement(claim, status, Outcome(status, "test"))])


def test_two_workers_never_hold_the_same_delivery(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        for _ in range(40):
            leads.delivery(school)
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(draining(leads.unit_of_work))
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 20)
    assert set(Counter(r.id for r in receiver.received).values()) == {1}


def test_a_row_another_worker_claims_right_now_is_skipped_not_waited_for(
    leads: Leads, school: TestSchool
) -> None:
    leads.delivery(school)
    leads.delivery(school)
    with leads.unit_of_work() as one, leads.unit_of_work() as other:
        first = one.deliveries.claim({school.destination_id: 1}, LEASE)
        second = other.deliveries.claim({school.destination_id: 5}, LEASE)
    assert len(first) == len(second) == 1
    assert first[0].id != second[0].id


def test_room_shrinks_with_what_is_held_and_paused_destinations_are_left_alone(
    leads: Leads, school: TestSchool
) -> None:
    for _ in range(3):
        leads.delivery(school)
    with leads.unit_of_work() as work:
        [due] = work.deliveries.due()
        assert (due.id, due.room) == (school.destination_id, 8)
        work.deliveries.claim({school.destination_id: 2}, LEASE)
        assert work.deliveries.due()[0].room == 6
    leads.run("UPDATE destination SET status = 'paused'")
    with leads.unit_of_work() as work:
        assert work.deliveries.due() == []


@contextmanager
def another_session(database_url: str) -> Iterator[None]:
    """Be another drainer's session."""
    engine = make_engine(database_url, pool_size=1, name="another")
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        yield
    engine.dispose()


def test_what_waits_for_a_sender_of_one_drainer_takes_no_room_from_another(
    leads: Leads, school: TestSchool, database_url: str
) -> None:
    for _ in range(9):
        leads.delivery(school)
    with leads.unit_of_work() as work:
        work.deliveries.claim({school.destination_id: 6}, LEASE)
        assert work.deliveries.due(senders=4)[0].room == 8 - 4
    leads.run("UPDATE delivery SET lease_holder = 'another' WHERE status = 'leased'")
    with another_session(database_url), leads.unit_of_work() as work:
        work.deliveries.claim({school.destination_id: 2}, LEASE)
        assert work.deliveries.due(senders=4)[0].room == 8 - 4 - 2


def test_what_a_worker_held_that_is_gone_takes_no_room_until_its_lease_ends(
    leads: Leads, school: TestSchool, database_url: str
) -> None:
    for _ in range(9):
        leads.delivery(school)
    with leads.unit_of_work() as work:
        work.deliveries.claim({school.destination_id: 8}, LEASE)
    leads.run("UPDATE delivery SET lease_holder = 'another' WHERE status = 'leased'")
    with another_session(database_url), leads.unit_of_work() as work:
        assert work.deliveries.due()[0].room == 0

    def room() -> int:
        with leads.unit_of_work() as work:
            return work.deliveries.due()[0].room

    assert eventually(lambda: room() == 8)
    assert leads.statuses().count("leased") == 8


def test_what_no_sender_is_free_for_is_left_to_others_that_hold_less(
    leads: Leads, school: TestSchool, database_url: str
) -> None:
    for _ in range(12):
        leads.delivery(school)

    def claimed(most: int, free: int) -> int:
        with leads.unit_of_work() as work:
            return len(work.deliveries.claim({school.destination_id: most}, LEASE, free))

    assert claimed(6, free=6) == 6
    leads.run("UPDATE delivery SET lease_holder = 'another' WHERE status = 'leased'")
    leads.run(
        "UPDATE delivery SET lease_holder = current_setting('application_name') "
        "WHERE id IN (SELECT id FROM delivery WHERE status = 'leased' LIMIT 2)"
    )
    with another_session(database_url):
        # Twelve are held or wait: six are each one's part. Four are another's, two ours.
        assert claimed(20, free=0) == 4
        assert claimed(20, free=0) == 0
        assert claimed(20, free=1) == 1  # a sender of ours is free: nobody is served by waiting
    # Nobody else sends there any more.
    assert eventually(lambda: claimed(20, free=0) == 1)


def test_a_destination_that_keeps_failing_is_left_alone_then_tried_with_one(
    leads: Leads, school: TestSchool
) -> None:
    leads.delivery(school)
    failed = [DestinationNote(school.destination_id, failed=True)]
    for n in range(5):
        with leads.unit_of_work() as work:
            assert len(work.deliveries.due()) == 1, n
            work.deliveries.note(failed, Breaker())
    with leads.unit_of_work() as work:
        assert work.deliveries.due() == []
    leads.run("UPDATE destination_state SET next_allowed_at = now()")
    with leads.unit_of_work() as work:
        assert work.deliveries.due()[0].room == 1
        work.deliveries.note([DestinationNote(school.destination_id, failed=False)], Breaker())
        assert work.deliveries.due()[0].room == 8


def test_a_lead_that_was_released_counts_as_never_claimed(leads: Leads, school: TestSchool) -> None:
    delivery_id = leads.delivery(school)
    with leads.unit_of_work() as work:
        work.deliveries.release(work.deliveries.claim({school.destination_id: 1}, LEASE))
    row = leads.row(delivery_id)
    assert (row.status, row.claims, row.attempts, row.lease_token) == ("pending", 0, 0, 1)


def test_what_was_begun_and_recalled_counts_as_never_claimed_and_a_stale_token_recalls_nothing(
    leads: Leads, school: TestSchool
) -> None:
    delivery_id = leads.delivery(school)
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, LEASE)
    with leads.unit_of_work() as work:
        assert work.deliveries.begin([_send(leads, school, claim)], LEASE) == {delivery_id: 1}
    with leads.unit_of_work() as work:
        work.deliveries.recall([(replace(claim, lease_token=claim.lease_token - 1), 1)])
    assert leads.row(delivery_id).status == "leased"
    with leads.unit_of_work() as work:
        work.deliveries.recall([(claim, 1)])
    row = leads.row(delivery_id)
    assert (row.status, row.claims, row.attempts, row.lease_token) == ("pending", 0, 0, 1)
    assert (row.lease_until, leads.attempts(delivery_id)) == (None, [])


def _send(leads: Leads, school: TestSchool, claim: ClaimedDelivery) -> Send:
    with leads.unit_of_work() as work:
        version = work.destinations.for_delivery(school.destination_id).version_id
    return Send(claim, b"sealed", b"h" * 32, version)


def test_an_attempt_renews_the_lease_and_none_begins_when_it_ran_out(
    leads: Leads, school: TestSchool
) -> None:
    late, early = leads.delivery(school), leads.delivery(school)
    with leads.unit_of_work() as work:
        claims = {c.id: c for c in work.deliveries.claim({school.destination_id: 2}, LEASE)}
    leads.set(late, lease_until=leads.row(late).lease_until - LEASE)
    sends = [_send(leads, school, claim) for claim in claims.values()]
    with leads.unit_of_work() as work:
        assert work.deliveries.begin(sends, 10 * LEASE) == {early: 1}
        now = work.deliveries.now()
    assert leads.attempts(late) == []
    assert leads.row(early).lease_until - now > 9 * LEASE


def test_what_was_claimed_too_long_ago_to_begin_is_released_and_claimed_anew(leads: Leads) -> None:
    slept: list[int] = []

    def hit(point: Failpoint) -> None:
        if point is Failpoint.AFTER_CLAIM and not slept:
            slept.append(1)
            time.sleep(1.2)

    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work, hit=hit, lease=timedelta(seconds=1)):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    row = leads.row(delivery_id)
    assert (row.lease_token, row.claims, row.attempts) == (2, 1, 1)
    assert len(receiver.received) == 1


def test_what_reaches_a_sender_too_late_in_its_lease_does_not_leave(leads: Leads) -> None:
    slept: list[int] = []

    def hit(point: Failpoint) -> None:
        if point is Failpoint.AFTER_ATTEMPT_ROW and not slept:
            slept.append(1)
            time.sleep(1.2)

    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        # A send may take 19 of 20 seconds.
        lease = timedelta(seconds=20)
        with draining(leads.unit_of_work, hit=hit, lease=lease, send_seconds=19.0):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert len(receiver.received) == 1
    reasons = [attempt.reason for attempt in leads.attempts(delivery_id)]
    assert reasons == ["too_late_to_send", "delivered"]
    with leads.engine.begin() as connection:  # it says nothing of the destination
        failing = text("SELECT failing_since FROM destination_state WHERE destination_id = :id")
        assert connection.execute(failing, {"id": school.destination_id}).scalar() is None


def test_a_key_that_was_shredded_stops_the_delivery(leads: Leads, school: TestSchool) -> None:
    delivery_id = leads.delivery(school)
    leads.run("UPDATE person_key SET wrapped = NULL, shredded_at = now()")
    with draining(leads.unit_of_work):
        assert eventually(lambda: leads.row(delivery_id).status == "cancelled")
    assert leads.attempts(delivery_id) == []


def test_a_body_that_was_changed_at_rest_is_not_sent(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        one, other = leads.delivery(school), leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: set(leads.statuses()) == {"delivered"})
        leads.set(other, body=leads.row(one).body)
        with leads.unit_of_work() as work:
            work.deliveries.replay(other)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(other).status == "failed")
    assert len(receiver.received) == 2


def test_a_replay_sends_the_same_bytes_under_the_same_id(leads: Leads) -> None:
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert receiver.wait_for(1)
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
            with leads.unit_of_work() as work:
                work.deliveries.replay(delivery_id)
            assert receiver.wait_for(2)
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    first, again = receiver.received
    assert (first.id, first.body) == (again.id, again.body)


def test_only_what_is_settled_can_be_replayed(leads: Leads, school: TestSchool) -> None:
    delivery_id = leads.delivery(school)
    with leads.unit_of_work() as work:
        work.deliveries.claim({school.destination_id: 1}, LEASE)
        work.deliveries.release([])
    with leads.unit_of_work() as work, pytest.raises(NotFoundError):
        work.deliveries.replay(new_id(NOW))
    leads.set(delivery_id, status="in_doubt")
    with leads.unit_of_work() as work, pytest.raises(TransitionError):
        work.deliveries.replay(delivery_id)
