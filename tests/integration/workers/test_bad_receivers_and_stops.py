import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.outbound.http import Limits
from models.outbound.targets import Policy
from tests.support.draining import draining
from tests.support.leads import Leads, eventually
from workers.delivery.failpoints import Failpoint
from workers.destinations.webhook.mock import MockReceiver, Received, Reply, always


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _closed(leads: Leads, delivery_id: UUID) -> bool:
    return leads.attempts(delivery_id)[-1].finished_at is not None


def test_a_black_hole_does_not_hold_up_another_school(leads: Leads) -> None:
    hole = threading.Event()

    def swallow(_received: Received) -> Reply:
        hole.wait(20)
        return Reply()

    with MockReceiver(swallow) as black_hole, MockReceiver() as healthy:
        dead = leads.school(black_hole.url, unitid=1)
        alive = leads.school(healthy.url, unitid=2)
        for _ in range(12):
            leads.delivery(dead)
        with draining(leads.unit_of_work, limits=Limits(total_seconds=8)):
            assert black_hole.wait_for(1)
            ids = [leads.delivery(alive) for _ in range(12)]
            assert eventually(lambda: all(leads.row(i).status == "delivered" for i in ids), 4)
            assert len(black_hole.received) <= 2
            hole.set()
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 15)


def test_a_receiver_that_never_ends_its_answer_is_cut_off(leads: Leads) -> None:
    def forever(_received: Received) -> Reply:
        time.sleep(3)
        return Reply()

    with MockReceiver(forever) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work, limits=Limits(total_seconds=0.3)):
            assert eventually(lambda: bool(leads.attempts(delivery_id)))
            assert eventually(lambda: _closed(leads, delivery_id), 2)
    assert leads.attempts(delivery_id)[0].reason == "timeout"


def test_an_answer_is_read_to_its_limit_only(leads: Leads) -> None:
    with MockReceiver(always(Reply(200, body=b"x" * 1_000_000))) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")


def test_a_lease_that_ran_out_is_swept_and_its_attempt_closed(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        with leads.unit_of_work() as work:  # a worker that died after its claim
            [claim] = work.deliveries.claim({school.destination_id: 1}, timedelta(seconds=0.2))
        assert claim.id == delivery_id
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert leads.row(delivery_id).lease_token == 2
    assert len(receiver.received) == 1


def test_what_is_past_its_time_expires_unsent(leads: Leads) -> None:
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        leads.run("UPDATE delivery SET expires_at = now() - interval '1 s'")
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "expired")
    assert receiver.received == []


def test_a_stop_finishes_what_is_in_flight_and_claims_nothing_more(leads: Leads) -> None:
    def slow(_received: Received) -> Reply:
        time.sleep(0.5)
        return Reply()

    with MockReceiver(slow) as receiver:
        school = leads.school(receiver.url)
        for _ in range(10):
            leads.delivery(school)
        with draining(leads.unit_of_work) as drainer:
            assert receiver.wait_for(2)
            assert drainer.stop()
        arrived = len(receiver.received)
        assert sorted(leads.statuses()) == ["delivered"] * arrived + ["pending"] * (10 - arrived)
        assert arrived < 10
        claimed = [leads.row(d).claims for d in _ids(leads) if leads.row(d).status == "pending"]
        assert claimed == [0] * (10 - arrived)


def _ids(leads: Leads) -> list[UUID]:
    with leads.engine.begin() as connection:
        return list(connection.scalars(text("SELECT id FROM delivery")))


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://127.0.0.1/",
    ],
)
def test_a_forbidden_address_gets_no_connection_and_the_delivery_fails(
    leads: Leads, url: str
) -> None:
    delivery_id = leads.delivery(leads.school(url))
    with draining(leads.unit_of_work, policy=Policy()):
        assert eventually(lambda: leads.row(delivery_id).status == "failed")
    assert leads.attempts(delivery_id)[0].reason == "address_not_allowed"


def test_a_claim_that_keeps_killing_its_worker_is_tried_alone_and_then_given_up(
    leads: Leads,
) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        bad, good = leads.delivery(school), leads.delivery(school)
        leads.set(bad, claims=6)
        died: list[list[str]] = []

        def hit(point: Failpoint) -> None:
            claimed = point is Failpoint.AFTER_CLAIM and leads.row(bad).status == "leased"
            if claimed and not died:
                died.append(sorted(leads.statuses()))
                raise RuntimeError("as if the process died here")

        with draining(leads.unit_of_work, hit=hit, lease=timedelta(seconds=0.3)):
            assert eventually(lambda: leads.row(bad).status == "poison")
            assert eventually(lambda: leads.row(good).status == "delivered")
    assert len(receiver.received) == 1
    assert len(died) == 1
    assert died[0].count("leased") == 1


@pytest.mark.parametrize(("deaths", "seconds"), [(3, 0), (4, 5), (5, 30), (6, 180)])
def test_what_died_alone_waits_longer_each_time_before_it_is_called_poison(
    leads: Leads, deaths: int, seconds: int
) -> None:
    one = leads.delivery(leads.school("http://127.0.0.1:9/"))
    before = leads.row(one).due_at
    leads.run(
        "UPDATE delivery SET status = 'leased', claims = :n, lease_until = now() - interval '1 s'",
        n=deaths,
    )
    with leads.unit_of_work() as work:
        work.deliveries.sweep(10)
        now = work.deliveries.now()
    row = leads.row(one)
    assert row.status == "pending"
    assert row.due_at == (now + timedelta(seconds=seconds) if seconds else before)
