"""What stands beside a form that is sent, and what becomes of it."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from models.domain.guarding import (
    MARK_LIFE,
    MOST_QUICK,
    MOST_USES,
    Seen,
    Verdict,
    answers,
    judge,
    make_mark,
    opened_at,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET, KEY = b"s" * 32, "0" * 32
MARK = make_mark(SECRET, KEY, NOW, b"r" * 8)
GOOD = Seen(NOW, NOW, proven=False, uses=1, quick=0, over_limit=False)


def solve(mark: str, bits: int) -> str:
    return next(
        str(number)
        for number in count()
        if int.from_bytes(hashlib.sha256(f"{mark}:{number}".encode()).digest()) < 1 << 256 - bits
    )


def test_a_mark_tells_when_its_page_was_first_drawn() -> None:
    assert opened_at(SECRET, KEY, MARK, NOW + timedelta(hours=1)) == NOW


@pytest.mark.parametrize(
    ("secret", "key", "mark"),
    [
        (b"x" * 32, KEY, MARK),
        (SECRET, "1" * 32, MARK),
        (SECRET, KEY, "9" + MARK[1:]),
        (SECRET, KEY, MARK[:-1] + ("0" if MARK[-1] != "0" else "1")),
        (SECRET, KEY, MARK.replace(".", "")),
        (SECRET, KEY, ""),
        (SECRET, KEY, "\x00" * 400),
    ],
)
def test_a_mark_of_another_page_or_hand_tells_nothing(secret: bytes, key: str, mark: str) -> None:
    assert opened_at(secret, key, mark, NOW) is None


def test_a_mark_lives_as_long_as_the_texts_that_stand_on_its_page() -> None:
    moment = timedelta(milliseconds=1)
    assert opened_at(SECRET, KEY, MARK, NOW + MARK_LIFE) == NOW
    assert opened_at(SECRET, KEY, MARK, NOW + MARK_LIFE + moment) is None
    assert opened_at(SECRET, KEY, MARK, NOW - timedelta(hours=1)) is None, "made for later"


def test_an_answer_is_for_one_mark_and_has_enough_zeros() -> None:
    found = solve(MARK, 8)
    assert answers(MARK, found, 8)
    other = make_mark(SECRET, KEY, NOW, b"q" * 8)
    assert [bits for bits in range(9, 25) if answers(MARK, found, bits)] != list(range(9, 25))
    assert not answers(other, found, 20)
    assert not answers(MARK, found, 0), "none is asked for, so none is taken"
    assert not answers(MARK, "", 8)
    assert not answers(MARK, "\u0661" * 3, 1)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (GOOD, Verdict.PASS),
        (Seen(None, NOW, proven=True, uses=1, quick=0, over_limit=False), Verdict.STALE),
        (Seen(NOW, NOW, proven=False, uses=1, quick=MOST_QUICK, over_limit=False), Verdict.PASS),
        (
            Seen(NOW, NOW, proven=False, uses=1, quick=MOST_QUICK + 1, over_limit=True),
            Verdict.QUICK,
        ),
        (Seen(NOW, NOW, proven=False, uses=1, quick=0, over_limit=True), Verdict.CONFIRM),
        (Seen(NOW, NOW, proven=False, uses=MOST_USES, quick=0, over_limit=False), Verdict.PASS),
        (
            Seen(NOW, NOW, proven=False, uses=MOST_USES + 1, quick=0, over_limit=False),
            Verdict.CONFIRM,
        ),
        (Seen(NOW, NOW, proven=True, uses=1, quick=99, over_limit=True), Verdict.PASS),
    ],
)
def test_who_is_odd_proves_or_confirms_and_nobody_is_turned_away(
    seen: Seen, verdict: Verdict
) -> None:
    assert judge(seen) is verdict
