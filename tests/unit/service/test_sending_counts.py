"""Counting in the process while Valkey is away: right, and never more than it has room for."""

from datetime import UTC, datetime, timedelta

import pytest

from models.domain.clock import FixedClock
from service.sending_counts import SendingCounts
from service.services import Counted
from tests.support.ports import lasting_port

DAY, MINUTE, ROOM = 86_400, 60, 10_000


class Alone:
    """Counts whose Valkey is not there, and which ask for it once."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
        url = f"redis://127.0.0.1:{lasting_port()}/0"
        self.counts = SendingCounts(url, b"s" * 32, self.clock, ticks=lambda: 0.0)

    def count(self, name: str, seconds: int = DAY) -> int:
        [found] = self.counts.count([Counted(name, seconds)])
        return found

    def fill(self, number: int, seconds: int = DAY) -> None:
        self.counts.count([Counted(f"filler {n}", seconds) for n in range(number)])


@pytest.fixture
def alone() -> Alone:
    return Alone()


def test_with_no_room_left_the_oldest_goes_and_the_newest_are_counted_on(alone: Alone) -> None:
    assert [alone.count("first"), alone.count("first")] == [1, 2]
    alone.fill(ROOM)
    assert alone.count("last") == 1
    assert alone.count(f"filler {ROOM - 1}") == 2
    assert alone.count("last") == 2
    assert alone.count("first") == 1, "it was dropped: there is room for so many and no more"


def test_what_is_over_goes_before_what_still_counts(alone: Alone) -> None:
    assert alone.count("first") == 1
    alone.fill(ROOM - 1, MINUTE)
    alone.clock.at += timedelta(seconds=MINUTE)
    assert alone.count("last") == 1
    alone.fill(ROOM - 2)
    assert alone.count("first") == 2
