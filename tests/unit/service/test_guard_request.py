"""What is counted of a form that is sent, and for whom: nobody's tries turn another away."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from models.domain.clock import FixedClock
from models.domain.errors import RateLimitError
from models.domain.guarding import GuardRules, SendingLimit, Subject, Verdict
from service.services import Counted
from service.steps.guard_request import Sending, guard_request, mark_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOLS = (100654, 100663, 100690, 100706, 100724)


class Counts:
    """Counts as Valkey does, and shows what was counted."""

    def __init__(self) -> None:
        self.seen: Counter[Counted] = Counter()

    def count(self, things: Sequence[Counted]) -> Sequence[int]:
        self.seen.update(things)
        return [self.seen[one] for one in things]

    def of(self, what: str) -> dict[str, int]:
        """What was counted of one kind in windows of an hour or more."""
        hours = ((one, n) for one, n in self.seen.items() if one.seconds > 60)
        return {one.name: n for one, n in hours if one.name.startswith(f"{what}\0")}


class Desk:
    """Takes forms under the limits of a test."""

    def __init__(self, **limits: SendingLimit) -> None:
        self.counts, pages = Counts(), count()
        rules = GuardRules(limits={Subject(name): limit for name, limit in limits.items()})
        self.services: Any = SimpleNamespace(
            clock=FixedClock(NOW),
            guard=rules,
            counts=self.counts,
            secret_key=b"s" * 32,
            randomness=lambda size: next(pages).to_bytes(size),
        )

    def send(self, address: str, email: str = "zoe@example.com", mark: str = "") -> Verdict:
        mark = mark or mark_of(self.services, "k")
        return guard_request(self.services, Sending("k", mark, "", address, email, SCHOOLS))

    def refused(self, address: str) -> bool:
        try:
            self.send(address)
        except RateLimitError:
            return True
        return False


def test_forms_that_wait_count_for_nobody_but_who_sent_them() -> None:
    desk = Desk(
        address=SendingLimit(2, 100), email=SendingLimit(5, 100), school=SendingLimit(5, 100)
    )
    assert [desk.refused("203.0.113.7") for _ in range(50)] == [False] * 2 + [True] * 48
    assert set(desk.counts.of("school").values()) == {2}
    assert set(desk.counts.of("email").values()) == {2}
    assert desk.send("198.51.100.1") is Verdict.PASS


@pytest.mark.parametrize("mark", ["none", "0" * 13 + "." + "0" * 16 + "." + "0" * 64])
def test_a_page_that_is_not_ours_counts_for_no_school_and_no_student(mark: str) -> None:
    desk = Desk(address=SendingLimit(9, 9), email=SendingLimit(9, 9), school=SendingLimit(9, 9))
    assert desk.send("203.0.113.7", mark=mark) is Verdict.STALE
    assert desk.counts.of("address") == {"address\000203.0.113.7": 1}
    assert desk.counts.of("school") == desk.counts.of("email") == {}
    assert desk.counts.of("mark") == {}, "whatever somebody writes there would be kept for a day"


def test_a_school_that_many_ask_in_a_minute_wants_the_link_and_turns_nobody_away() -> None:
    desk = Desk(school=SendingLimit(2, 100))
    sent = [desk.send(f"203.0.113.{n}", f"student{n}@example.com") for n in range(4)]
    assert sent == [Verdict.PASS] * 2 + [Verdict.CONFIRM] * 2
