"""Faults that ours outlives, and that the build without a ledger is shown to lose leads by.

A checker that has never found anything proves nothing: each fault is run against both.
"""

import socket
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
import redis

from tests.support.builds import SETTLED, Build, Naive, Ours, deliver
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken
from workers.destinations.webhook.mock import MockReceiver, Received, Reply, in_turn

LEADS = 8
# Senders of a worker and one group of its finaliser.
REPEATS_A_KILL = 4 + 64


@pytest.fixture
def ours(leads: Leads, database_url: str, redis_url: str) -> Build:
    return Ours(leads, database_url, redis_url)


@pytest.fixture
def naive(leads: Leads, database_url: str, redis_url: str) -> Build:
    return Naive(leads, database_url, redis_url)


def a_worker_killed_while_it_sends(build: Build, leads: Leads, _redis_url: str) -> History:
    held = threading.Event()

    def slow(_received: Received) -> Reply:
        held.wait(2)
        return Reply()

    with MockReceiver(slow) as receiver:
        school = leads.school(receiver.url)
        accepted = [build.accept(school) for _ in range(LEADS)]
        with build.worker() as doomed:
            assert receiver.wait_for(1, 60)
            doomed.kill()
            doomed.wait()
        held.set()
        deliver(build, leads)
        return History(accepted, list(receiver.received), REPEATS_A_KILL)


def redis_flushed_before_anybody_read_it(build: Build, leads: Leads, redis_url: str) -> History:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        accepted = [build.accept(school) for _ in range(LEADS)]
        redis.Redis.from_url(redis_url).flushall()
        deliver(build, leads)
        return History(accepted, list(receiver.received))


def redis_dead_when_leads_are_accepted(build: Build, leads: Leads, _redis_url: str) -> History:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    cut_off = build.with_broker(dead)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        accepted = [cut_off.accept(school) for _ in range(2)]
        deliver(build, leads)
        return History(accepted, list(receiver.received))


def a_receiver_that_is_out_of_order_for_a_moment(
    build: Build, leads: Leads, _redis_url: str
) -> History:
    with MockReceiver(in_turn(Reply(503), Reply(500), Reply())) as receiver:
        school = leads.school(receiver.url)
        accepted = [build.accept(school) for _ in range(LEADS)]
        deliver(build, leads)
        # Two tries were refused: those are repeats that were asked for.
        assert {r.code for r in receiver.replied} == {503, 500, 204}
        arrived = len([r for r in receiver.replied if r.code == 204])
        return History(accepted, list(receiver.received), len(receiver.received) - arrived)


def an_answer_that_is_lost_where_only_one_may_have_a_lead(
    build: Build, leads: Leads, _redis_url: str
) -> History:
    """Exclusive and shared leads together; the first receiver keeps each, and hangs up once."""
    hung_up: set[str] = set()

    def keeps_and_hangs_up(received: Received) -> Reply:
        if received.id not in hung_up:
            hung_up.add(received.id)
            raise ConnectionAbortedError
        return Reply()

    with MockReceiver(keeps_and_hangs_up) as first, MockReceiver() as second:
        school = leads.school(first.url)
        other = leads.another(school, second.url)
        exclusive = [build.accept(school, other) for _ in range(LEADS // 2)]
        shared = [build.accept(other) for _ in range(LEADS // 2)]
        deliver(build, leads)
        received = [*first.received, *second.received]
        taken = {each.id for each in received}
        return History([*exclusive, *shared], received, len(hung_up), taken)


def a_destination_that_never_answers(build: Build, leads: Leads, _redis_url: str) -> History:
    """What becomes due while it hangs goes out meanwhile, by the senders that are left."""
    gone = threading.Event()

    def hangs(_received: Received) -> Reply:
        gone.wait(60)
        return Reply()

    with MockReceiver(hangs) as hanging, MockReceiver() as healthy:
        dead = leads.school(hanging.url, unitid=1)
        well = leads.school(healthy.url, unitid=2)
        with build.worker():
            accepted = [build.accept(dead) for _ in range(LEADS)]
            assert hanging.wait_for(1, 60)
            accepted += [build.accept(well) for _ in range(LEADS)]
            healthy.wait_for(LEADS, 10)
            gone.set()
            eventually(lambda: set(leads.statuses()) <= SETTLED, 60)
        received = [*hanging.received, *healthy.received]
        return History(accepted, received, dead=dead.destination_id)


Fault = Callable[[Build, Leads, str], History]
FAULTS: tuple[Fault, ...] = (
    a_worker_killed_while_it_sends,
    redis_flushed_before_anybody_read_it,
    redis_dead_when_leads_are_accepted,
    a_receiver_that_is_out_of_order_for_a_moment,
    an_answer_that_is_lost_where_only_one_may_have_a_lead,
    a_destination_that_never_answers,
)


_LOST = {"2", "4"}


def _names(fault: Fault) -> str:
    return fault.__name__


@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_ours_keeps_what_it_promised_invariants_1_to_8_and_10(
    ours: Build, leads: Leads, redis_url: str, fault: Fault
) -> None:
    history = fault(ours, leads, redis_url)
    assert broken(leads.engine, history) == []
    assert len({received.id for received in history.received}) == len(history.accepted)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_a_build_without_a_ledger_is_seen_to_break_its_promise(
    naive: Build, leads: Leads, redis_url: str, fault: Fault
) -> None:
    history = fault(naive, leads, redis_url)
    found = broken(leads.engine, history)
    named = {line.partition(":")[0] for line in found}
    if fault is a_destination_that_never_answers:
        assert named == {"10"}, found
        return
    assert named & _LOST or _failed(leads), found
    if fault is an_answer_that_is_lost_where_only_one_may_have_a_lead:
        assert "7" in named, found


def _failed(leads: Leads) -> bool:
    """What is called failed after one refusal is as lost as what nobody remembers."""
    return "failed" in leads.statuses()


@pytest.mark.slow
def test_a_build_without_a_ledger_keeps_its_promise_while_nothing_goes_wrong(
    naive: Build, leads: Leads
) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        accepted: list[UUID] = [naive.accept(school) for _ in range(2)]
        deliver(naive, leads)
        assert broken(leads.engine, History(accepted, list(receiver.received))) == []
