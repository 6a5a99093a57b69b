import random
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from models.domain.delivery import (
    DEFAULT_SCHEDULE,
    Breaker,
    ClaimedDelivery,
    DeliveryStatus,
    Outcome,
    Purpose,
)
from models.domain.sending import DueDestination, Parcel
from workers.delivery.failpoints import Failpoint, make_failpoint
from workers.delivery.floor import Ahead, Floor
from workers.delivery.preparing import Ready
from workers.delivery.settling import Sent, gone, notes, settle

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
SLOW = [UUID(int=n) for n in range(100, 106)]
S = DeliveryStatus


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - tests repeat


class NoEnvelope:
    def seal_body(self, body: bytes) -> bytes | None:
        return body

    def seal_answer(self, attempt: int, head: bytes) -> bytes | None:
        del attempt
        return head or None


def sent(outcome: Outcome, *, attempt: int = 1, destination: UUID = A, days: float = 5) -> Sent:
    expires = NOW + timedelta(days=days)
    claim = ClaimedDelivery(UUID(int=9), None, destination, Purpose.LEAD, 1, 0, 1, expires)
    parcel = Parcel(claim.id, claim.purpose, b"", {}, {})
    return Sent(Ready(claim, "webhook", uuid4(), parcel, NoEnvelope(), attempt, {}), outcome, 5)


AGAIN = Outcome(S.PENDING, "http_503", 503)


def test_a_failed_try_waits_by_the_schedule_spread_by_a_fifth() -> None:
    dues = [
        settle(sent(AGAIN, attempt=2), NOW, DEFAULT_SCHEDULE, seeded(n)).due_at for n in range(200)
    ]
    waits = [due - NOW for due in dues if due is not None]
    assert len(waits) == 200
    assert timedelta(minutes=4) <= min(waits) < timedelta(minutes=4, seconds=10)
    assert timedelta(minutes=5, seconds=50) < max(waits) <= timedelta(minutes=6)


def test_the_last_try_fails_and_one_past_its_time_expires() -> None:
    last = settle(sent(AGAIN, attempt=10), NOW, DEFAULT_SCHEDULE, seeded(1))
    assert (last.status, last.due_at) == (S.FAILED, None)
    late = settle(sent(AGAIN, attempt=5, days=0.01), NOW, DEFAULT_SCHEDULE, seeded(1))
    assert (late.status, late.due_at) == (S.EXPIRED, None)


def test_the_year_9999_waits_a_day() -> None:
    asked = Outcome(S.PENDING, "http_429", 429, retry_after=2.5e11, slow_destination=True)
    due = settle(sent(asked), NOW, DEFAULT_SCHEDULE, seeded(1)).due_at
    assert due == NOW + timedelta(hours=24)
    assert notes([sent(asked)])[0].wait == timedelta(hours=1)


def test_a_destination_that_answered_anyone_is_not_failing() -> None:
    no_answer = Outcome(S.PENDING, "timeout")
    assert notes([sent(no_answer), sent(AGAIN)])[0].failed is True
    assert notes([sent(no_answer), sent(Outcome(S.DELIVERED, "ok", 200))])[0].failed is False
    assert notes([sent(Outcome(S.FAILED, "http_404", 404))])[0].failed is False
    assert notes([sent(Outcome(S.FAILED, "address_not_allowed"))])[0].failed is None


def test_only_410_says_that_a_destination_is_gone() -> None:
    away = Outcome(S.FAILED, "http_410", 410, disable=True)
    assert gone([sent(AGAIN), sent(away, destination=B)]) == {B}


def test_the_breaker_waits_twice_as_long_each_time_up_to_its_most() -> None:
    breaker = Breaker()
    assert breaker.wait(4) is None
    assert [breaker.wait(n) for n in (5, 6, 7)] == [timedelta(seconds=s) for s in (5, 10, 20)]
    assert breaker.wait(1000) == timedelta(minutes=5)


def test_free_senders_are_dealt_one_each_in_turn_within_room_and_window() -> None:
    floor = Floor(8)
    assert floor.shares([DueDestination(A, 8), DueDestination(B, 1)], 8) == {A: 2, B: 1}
    assert floor.shares([DueDestination(A, 8), DueDestination(B, 8)], 1) == {A: 1}
    assert floor.shares([], 8) == {}


def test_a_destination_that_succeeds_gets_more_and_one_that_fails_gets_one() -> None:
    floor = Floor(4)
    for _ in range(9):
        floor.take_off(A)
        floor.land(A, failed=False)
    assert floor.shares([DueDestination(A, 99)], 4) == {A: 4}
    floor.take_off(A)
    floor.land(A, failed=True)
    assert floor.shares([DueDestination(A, 99)], 4) == {A: 1}
    floor.take_off(A)
    assert floor.shares([DueDestination(A, 99)], 3) == {}


def test_what_had_started_before_a_failure_opens_no_window_again() -> None:
    floor = Floor(4)
    for second in range(9):
        floor.take_off(A)
        floor.land(A, failed=False, seconds=0.5, started=float(second))
    floor.take_off(A, A, A, A)
    floor.land(A, failed=True, seconds=1.0, started=10.0)
    for _ in range(3):
        floor.land(A, failed=False, seconds=1.0, started=10.5)
    assert floor.shares([DueDestination(A, 99)], 4) == {A: 1}
    floor.take_off(A)
    floor.land(A, failed=False, seconds=0.5, started=11.5)
    assert floor.shares([DueDestination(A, 99)], 4) == {A: 2}


def test_what_was_answered_takes_no_room_while_it_is_written_down() -> None:
    floor = Floor(8)
    for _ in range(8):
        floor.take_off(A)
    full = [DueDestination(A, 0)]  # all eight are leased, as the ledger sees it
    assert floor.shares(full, 8) == {}
    for _ in range(3):
        floor.land(A, failed=False)
    assert floor.shares(full, 3) == {}  # two may fly at first, and five do
    for _ in range(5):
        floor.land(A, failed=False)
    assert floor.shares(full, 8) == {A: 8}
    floor.written([A] * 6)
    assert floor.shares(full, 8) == {A: 2}
    floor.written([A] * 2)
    assert floor.shares(full, 8) == {}


def test_slow_receivers_are_not_waited_for_before_a_claim() -> None:
    floor = Floor(2)
    for _ in range(40):
        floor.take_off(A)
        floor.land(A, failed=False, seconds=5.0)
    floor.take_off(A)
    assert floor.gather(0.02) == 1  # at once: the one in flight never lands here


def test_quick_receivers_are_waited_for_because_a_claim_costs_the_same_for_all() -> None:
    floor = Floor(2)
    for _ in range(40):
        floor.take_off(A)
        floor.land(A, failed=False, seconds=0.5)
    floor.take_off(A)
    landing = threading.Timer(0.05, floor.land, (A,), {"failed": False, "seconds": 0.05})
    landing.start()
    assert floor.gather(2.0) == 2
    landing.join()


def test_a_destination_that_never_answers_is_not_waited_for_before_a_claim() -> None:
    floor = Floor(3)
    for _ in range(40):
        floor.take_off(A)
        floor.land(A, failed=False, seconds=5.0)
    floor.take_off(B)  # never lands
    floor.take_off(A, A)
    floor.land(A, failed=False, seconds=5.0)
    floor.land(A, failed=False, seconds=5.0)
    started = time.monotonic()
    assert floor.gather(60.0) == 2
    assert time.monotonic() - started < 5


def _quick(floor: Floor, destination: UUID, *, seconds: float = 0.001) -> None:
    """Let it succeed until its window is open and its pace is known."""
    for _ in range(40):
        floor.take_off(destination)
        floor.land(destination, failed=False, seconds=seconds)
    floor.written([destination] * 40)


def test_more_is_claimed_than_senders_are_free_where_it_leaves_at_once_anyway() -> None:
    floor = Floor(8, Ahead(most=24, seconds=0.25))
    _quick(floor, A)
    floor.take_off(A)
    assert floor.wait_free(0) == 31
    assert floor.shares([DueDestination(A, 7)], 31) == {A: 31}
    floor.take_off(*[A] * 20)
    assert floor.wait_free(0) == 11  # the claimer is not called before half of them have left
    assert floor.gather(60.0) == 11


def test_by_its_pace_no_more_waits_than_leaves_in_a_quarter_of_a_second() -> None:
    floor = Floor(32, Ahead(most=240, seconds=0.25))
    _quick(floor, A, seconds=0.5)
    assert floor.shares([DueDestination(A, 32)], 999) == {A: 32 + 16}


def test_what_waits_here_is_not_in_the_way_of_claiming_more() -> None:
    floor = Floor(4, Ahead(most=24))
    _quick(floor, A)
    floor.take_off(*[A] * 20)
    # Of a limit of eight, the ledger counts our four senders and another drainer's four.
    assert floor.shares([DueDestination(A, 0)], 99) == {A: 4 + 24 - 20}
    # And here all eight are another's.
    assert floor.shares([DueDestination(A, -4)], 99) == {}


@pytest.mark.parametrize("room", [7, 1, 0])
def test_nothing_waits_for_a_destination_that_takes_fewer_than_there_are_senders(room: int) -> None:
    floor = Floor(8, Ahead(most=24))
    _quick(floor, A)
    assert floor.shares([DueDestination(A, room)], 32) == ({A: room} if room else {})


def test_slow_destinations_get_senders_and_no_place_to_wait_beside_quick_ones() -> None:
    floor = Floor(8, Ahead(most=24))
    _quick(floor, A)
    floor.take_off(*[A] * 8)
    dealt = floor.shares([DueDestination(A, 8), *(DueDestination(n, 8) for n in SLOW)], 24)
    assert sum(dealt.get(n, 0) for n in SLOW) == 8
    assert dealt[A] == 16
    floor.take_off(*[SLOW[0]] * 5)
    assert floor.wait_free(0) == 0  # five of eight senders may be gone for long: nobody waits


def test_those_who_wait_go_back_when_their_destination_fails() -> None:
    floor = Floor(2, Ahead(most=8))
    _quick(floor, A)
    floor.take_off(*[A] * 5)
    assert not floor.turned(A)
    floor.land(A, failed=True)
    assert floor.turned(A)
    floor.land(A, failed=None)  # gone back: that says nothing of the destination
    assert floor.turned(A)
    floor.land(A, failed=None)
    assert not floor.turned(A)


def test_a_failpoint_fires_once_at_its_count_and_nowhere_else() -> None:
    fired: list[int] = []
    hit = make_failpoint("after_send:2", lambda: fired.append(1))
    hit(Failpoint.AFTER_CLAIM)
    hit(Failpoint.AFTER_SEND)
    assert fired == []
    hit(Failpoint.AFTER_SEND)
    hit(Failpoint.AFTER_SEND)
    assert fired == [1]
    with pytest.raises(ValueError, match="nowhere"):
        make_failpoint("nowhere")
