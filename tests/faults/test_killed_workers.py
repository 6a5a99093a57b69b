import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from models.domain.sending import Settlement
from tests.support.draining import OPTIONS, draining
from tests.support.leads import Leads, eventually
from tests.support.worker_process import worker
from workers.delivery.failpoints import Failpoint
from workers.destinations.webhook.mock import MockReceiver, Received, Reply

LEADS = 6


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


# Four of them in `make test`; the rest where there is more time.
QUICK = {Failpoint.CLAIM_UNCOMMITTED, Failpoint.AFTER_SEND, Failpoint.FINALISE_UNCOMMITTED}
LATER = [*(one for one in Failpoint if one not in QUICK), "after_finalise:2"]


@pytest.mark.parametrize(
    "point",
    [*sorted(QUICK), "after_send:3", *(pytest.param(one, marks=pytest.mark.slow) for one in LATER)],
)
def test_a_killed_worker_loses_nothing_and_repeats_little_invariants_4_and_5(
    leads: Leads, database_url: str, point: str
) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(LEADS)]
        with worker(database_url, 1, point) as doomed:
            assert doomed.wait(20) == -signal.SIGKILL
        with worker(database_url, 1) as survivor:
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 20)
            survivor.send_signal(signal.SIGTERM)
            assert survivor.wait(30) == 0
    times = Counter(received.id for received in receiver.received)
    assert times.keys() == {show(Prefix.DELIVERY, one) for one in ids}
    # Duplicates come only from what was in flight when it died (senders and one group).
    assert times.total() - LEADS <= OPTIONS.senders + OPTIONS.group_most
    assert max(times.values()) <= 2
    for one in ids:
        bodies = {r.body for r in receiver.received if r.id == show(Prefix.DELIVERY, one)}
        assert len(bodies) == 1
        attempts = leads.attempts(one)
        assert len(attempts) >= times[show(Prefix.DELIVERY, one)]
        assert all(attempt.finished_at is not None for attempt in attempts)


def test_a_worker_that_slept_past_its_lease_can_only_say_delivered_invariant_5(
    leads: Leads,
) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
    late = _claim_begin_and_lose_the_lease(leads, delivery_id, school.destination_id)
    from models.domain.delivery import DeliveryStatus as S
    from models.domain.delivery import Outcome

    with leads.unit_of_work() as work:
        [current] = work.deliveries.claim({school.destination_id: 1}, timedelta(minutes=1))
    assert current.lease_token == late.claim.lease_token + 1
    for status in (S.FAILED, S.PENDING, S.IN_DOUBT):
        with leads.unit_of_work() as work:
            work.deliveries.finish(
                [Settlement(late.claim, status, Outcome(status, "late", 500), late.attempt)]
            )
            work.deliveries.release([late.claim])
        row = leads.row(delivery_id)
        assert (row.status, row.lease_token) == ("leased", current.lease_token)
        assert leads.attempts(delivery_id)[0].reason == "late"
    with leads.unit_of_work() as work:
        done = Outcome(S.DELIVERED, "delivered", 200)
        work.deliveries.finish([Settlement(late.claim, S.DELIVERED, done, late.attempt)])
    assert leads.row(delivery_id).status == "delivered"
    with leads.unit_of_work() as work:  # the one who held it comes too late with its failure
        work.deliveries.finish([Settlement(current, S.FAILED, Outcome(S.FAILED, "http_400", 400))])
    assert leads.row(delivery_id).status == "delivered"


def _claim_begin_and_lose_the_lease(
    leads: Leads, delivery_id: object, destination_id: object
) -> Settlement:
    import hashlib
    from typing import Any, cast
    from uuid import UUID

    from models.domain.delivery import DeliveryStatus, Outcome
    from models.domain.sending import Send

    with leads.unit_of_work() as work:
        shares = cast("dict[UUID, int]", {destination_id: 1})
        [claim] = work.deliveries.claim(shares, timedelta(minutes=1))
        version = work.destinations.for_delivery(cast("UUID", destination_id)).version_id
        digest = hashlib.sha256(b"body").digest()
        send = Send(claim, b"sealed", digest, version)
        numbers = work.deliveries.begin([send], timedelta(0))
    assert claim.id == delivery_id
    with leads.unit_of_work() as work:
        assert work.deliveries.sweep(10).returned == 1
        # Its lease is gone: it may not begin another attempt either.
        assert work.deliveries.begin([send], timedelta(minutes=1)) == {}
    outcome: Any = Outcome(DeliveryStatus.FAILED, "late")
    return Settlement(claim, DeliveryStatus.FAILED, outcome, numbers[claim.id])


def test_a_stopped_worker_that_wakes_up_changes_nothing_it_no_longer_holds(
    leads: Leads, database_url: str
) -> None:
    slept: list[int] = []

    def sleepy(_received: Received) -> Reply:
        if not slept:
            slept.append(1)
            os.kill(stopped.pid, signal.SIGSTOP)
            return Reply(500)
        return Reply()

    with MockReceiver(sleepy) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with worker(database_url, 1) as stopped:
            assert receiver.wait_for(1)
            with draining(leads.unit_of_work, lease=timedelta(seconds=20)):
                assert eventually(lambda: leads.row(delivery_id).status == "delivered", 15)
            os.kill(stopped.pid, signal.SIGCONT)
            assert eventually(lambda: leads.attempts(delivery_id)[0].finished_at is not None)
            stopped.send_signal(signal.SIGTERM)
            assert stopped.wait(30) == 0
    assert leads.row(delivery_id).status == "delivered"
