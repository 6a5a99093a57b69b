"""A campaign's caps last until their period ends."""

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.domain.campaign import CampaignSettings, Terms
from models.domain.caps import Caps
from models.domain.pacing import pacing
from models.domain.schedule import Schedule

ZONE = "America/Chicago"
OFFICE = Schedule(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(17))
NIGHT = Schedule(opens=time(20), closes=time(4))


def at(text: str) -> datetime:
    """A moment on the campaign's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def paced(
    now: datetime, schedule: Schedule | None = None, **caps_and_used: tuple[int, int]
) -> float:
    """Pacing with so many of each cap used."""
    caps = Caps(**{period: limit for period, (limit, _) in caps_and_used.items()})
    settings = CampaignSettings((1,), caps=caps, zone=ZONE, schedule=schedule or Schedule())
    terms = Terms(1000, "USD", settings)
    keys = terms.keys_at(now)
    return pacing(terms, {(p, keys[p]): used for p, (_, used) in caps_and_used.items()}, now)


@pytest.mark.parametrize(
    ("now", "used", "expected"),
    [
        ("2026-11-18T00:00", 0, 1.0),
        ("2026-11-18T12:00", 5, 1.0),
        ("2026-11-18T12:00", 2, 1.0),
        ("2026-11-18T12:00", 8, 0.4**4),
        ("2026-11-18T06:00", 10, 0.0),
        ("2026-11-18T18:00", 9, 0.4**4),
    ],
)
def test_who_is_ahead_of_an_even_pace_bids_less(now: str, used: int, expected: float) -> None:
    assert paced(at(now), day=(10, used)) == round(expected, 4)


def test_hours_without_business_do_not_count() -> None:
    assert paced(at("2026-11-18T11:00"), OFFICE, day=(10, 5)) == round((0.5 / 0.75) ** 4, 4)
    # Monday to Friday: on Tuesday evening three of five days are left.
    assert paced(at("2026-11-17T20:00"), OFFICE, week=(10, 7)) == 0.5**4
    # The night that began yesterday ends at four, the next begins at eight in the evening.
    assert paced(at("2026-11-18T12:00"), NIGHT, day=(8, 6)) == 0.5**4


def test_the_tightest_period_decides_and_totals_and_hours_do_not_pace() -> None:
    now = at("2026-11-16T00:00")
    assert paced(now, day=(10, 0), week=(10, 5), month=(100, 0)) == 0.5**4
    assert paced(now, month=(100, 75)) == 0.5**4
    assert paced(now, hour=(10, 9), total=(10, 9)) == 1.0
    assert paced(now, week_budget=(100_000, 50_000), day=(10, 0)) == 0.5**4


def test_a_holiday_is_no_open_time() -> None:
    thanksgiving = replace(OFFICE, holidays=("2026-11-26",))
    # On Tuesday evening two of four days are left, not three of five.
    assert paced(at("2026-11-24T20:00"), thanksgiving, week=(8, 6)) == 0.5**4


def test_a_period_is_as_long_as_the_campaign_runs_in_it() -> None:
    now = at("2026-11-18T12:00")
    ends = Schedule(ends_at=at("2026-11-18T18:00"))
    assert paced(now, ends, day=(12, 8)) == 1.0
    begins = Schedule(starts_at=at("2026-11-18T06:00"))
    assert paced(now, begins, day=(12, 6)) == round((0.5 / (12 / 18)) ** 4, 4)


@pytest.mark.parametrize(("held_back", "before_noon"), [(True, (14, 26)), (False, (40, 40))])
def test_a_cap_lasts_through_the_day_where_others_bid_too(
    *, held_back: bool, before_noon: tuple[int, int]
) -> None:
    """A chance a minute against rivals who bid up to a tenth more; unpaced, all goes by noon."""
    chance, used, morning = random.Random(7), 0, 0  # noqa: S311 - no secret
    for minute in range(24 * 60):
        now = at("2026-11-18T00:00") + timedelta(minutes=minute)
        bid = paced(now, day=(40, used)) if held_back else 1.0
        if used < 40 and bid > 1.1 * chance.random() ** 0.25:
            used += 1
            morning += minute < 12 * 60
    assert before_noon[0] <= morning <= before_noon[1]
    assert used >= 36
