"""Campaign settings survive the trip to JSON; schedules and cap windows know their zone."""

from datetime import UTC, datetime, time

import pytest

from models.domain.campaign import (
    CampaignSettings,
    Caps,
    Schedule,
    Terms,
    cap_keys,
    has_room,
    read_settings,
)
from models.domain.campaign_changes import apply_changes, money
from models.domain.errors import InvalidInputError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.organization import Scope, key_matches, key_prefix, make_api_key

STATES = ("NY", "NJ")
TERMS = Terms(1000, "USD", CampaignSettings(unitids=(194240,)))


def test_settings_read_back_are_the_settings_written() -> None:
    settings = CampaignSettings(
        unitids=(194240, 190521),
        cips=("51.07",),
        credential_levels=(CredentialLevel.ASSOCIATE,),
        education_levels=(EducationLevel.HIGH_SCHOOL,),
        states=("NY",),
        caps=Caps(day=5, total=100),
        zone="America/Chicago",
        schedule=Schedule(
            starts_at=datetime(2026, 1, 1, tzinfo=UTC), weekdays=(0, 4), opens=time(9)
        ),
        reserve_minor=250,
        return_window_days=7,
    )
    assert read_settings(settings.document()) == settings


def test_the_cap_day_turns_at_midnight_of_the_campaigns_own_zone() -> None:
    just_before = datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)
    just_after = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
    assert cap_keys(just_before, "America/Chicago")["day"] == "2026-11-22"
    assert cap_keys(just_after, "America/Chicago")["day"] == "2026-11-23"
    assert cap_keys(just_after, "America/Chicago")["hour"] == "2026-11-23T06"


def test_the_hour_that_is_lived_twice_is_two_windows() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (
        cap_keys(first, "America/New_York")["hour"] != cap_keys(second, "America/New_York")["hour"]
    )
    assert cap_keys(first, "America/New_York")["day"] == cap_keys(second, "America/New_York")["day"]


def test_a_week_belongs_to_its_iso_year() -> None:
    assert cap_keys(datetime(2027, 1, 2, 12, tzinfo=UTC), "UTC")["week"] == "2026-W53"


def test_a_full_window_leaves_no_room_and_another_windows_places_do_not_count() -> None:
    keys = {"day": "2026-11-22", "total": "all", "hour": "h", "week": "w", "month": "m"}
    caps = Caps(day=5)
    assert has_room(caps, {("day", "2026-11-22"): 4, ("day", "2026-11-21"): 5}, keys)
    assert not has_room(caps, {("day", "2026-11-22"): 5}, keys)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), False),  # Friday 16:00 in New York
        (datetime(2026, 11, 21, 1, 0, tzinfo=UTC), True),  # Friday 20:00
        (datetime(2026, 11, 21, 9, 59, tzinfo=UTC), True),  # Saturday 04:59, Friday's night
        (datetime(2026, 11, 21, 10, 0, tzinfo=UTC), False),  # Saturday 05:00
        (datetime(2026, 11, 22, 1, 0, tzinfo=UTC), False),  # Saturday 20:00: not a day of it
    ],
)
def test_a_night_schedule_belongs_to_the_day_it_opened_on(moment: datetime, is_open: bool) -> None:
    schedule = Schedule(weekdays=(4,), opens=time(18), closes=time(5))
    assert schedule.open_at(moment, "America/New_York") is is_open


def test_changes_are_all_made() -> None:
    changed = apply_changes(
        TERMS, {"price": "12.50", "day": "20", "states": "NY,NJ", "weekdays": "mon,fri"}, STATES
    )
    assert (changed.price_minor, changed.currency) == (1250, "USD")
    assert changed.settings.caps == Caps(day=20)
    assert changed.settings.states == ("NY", "NJ")
    assert changed.settings.schedule.weekdays == (0, 4)
    assert changed.settings.unitids == TERMS.settings.unitids


def test_an_empty_limit_is_no_limit() -> None:
    limited = apply_changes(TERMS, {"day": "20"}, STATES)
    assert apply_changes(limited, {"day": ""}, STATES).settings.caps.day is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("price", "-1"),
        ("price", "12.505"),
        ("price", "a lot"),
        ("price", "NaN"),
        ("price", "1e99"),
        ("price", "١٢"),
        ("currency", "BTC"),
        ("day", "many"),
        ("day", "-3"),
        ("cips", "5107"),
        ("states", "New York"),
        ("states", "NY,ZZ"),
        ("education_levels", "wizard"),
        ("zone", "Middle/Earth"),
        ("zone", "../etc/passwd"),
        ("weekdays", "someday"),
        ("opens", "25:00"),
        ("starts_at", "2026-12-01"),
        ("unitids", ""),
        ("colour", "red"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        apply_changes(TERMS, {name: value, "month": "7"}, STATES)
    assert list(refused.value.messages) == [name]


def test_every_wrong_change_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as refused:
        apply_changes(TERMS, {"price": "free", "colour": "red"}, STATES)
    assert set(refused.value.messages) == {"price", "colour"}


def test_money_is_written_with_its_currency() -> None:
    assert money(1250, "USD") == "12.50 USD"


def test_only_the_key_that_was_made_matches_its_hash() -> None:
    key, other = (make_api_key("k", [Scope.READ_LEADS]) for _ in range(2))
    assert key_prefix(key.presented) == key.prefix
    assert key_matches(key.presented, key.secret_hash)
    assert not key_matches(other.presented, key.secret_hash)
    assert len(key.presented) == len("smk_") + 12 + 1 + 43  # 43 letters of base64: 256 bits
    assert len(key.secret_hash) == 32


@pytest.mark.parametrize("text", ["", "smk_", "smk_abc_def", "Bearer x", "smk_" + "a" * 60, "\0"])
def test_what_is_no_key_has_no_prefix(text: str) -> None:
    assert key_prefix(text) is None
