"""Campaign settings survive the trip to JSON; schedules and cap windows know their zone."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.domain.campaign import CampaignSettings, Terms, ZoneBefore, read_settings
from models.domain.campaign_changes import apply_changes, money
from models.domain.caps import Caps, CapUse, cap_keys, has_room
from models.domain.errors import InvalidInputError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.organization import Scope, key_matches, key_prefix, make_api_key
from models.domain.schedule import Schedule, read_schedule

STATES = ("NY", "NJ")
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
TERMS = Terms(1000, "USD", CampaignSettings(unitids=(194240,)))


OWN_HOURS = Schedule(
    opens=time(9), closes=time(17), hours=((4, time(20), time(2)), (5, time(10), time(14)))
)


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-11-19T16:59", True),  # Thursday, by the common hours
        ("2026-11-19T20:00", False),
        ("2026-11-20T16:00", False),  # Friday, by its own: from eight until two
        ("2026-11-20T20:00", True),
        ("2026-11-21T01:59", True),  # still Friday's
        ("2026-11-21T02:00", False),
        ("2026-11-21T09:59", False),
        ("2026-11-21T13:59", True),  # Saturday's own
        ("2026-11-21T14:00", False),
        ("2026-11-22T01:00", False),  # Saturday's do not run over midnight
        ("2026-11-22T09:00", True),
    ],
)
def test_a_weekday_may_have_hours_of_its_own(local: str, is_open: bool) -> None:
    zone = "America/New_York"
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    assert OWN_HOURS.open_at(moment, zone) is is_open
    assert read_schedule(OWN_HOURS.document()).open_at(moment, zone) is is_open


def test_hours_of_a_weekday_are_read_as_people_type_them() -> None:
    terms = Terms(0, "USD", CampaignSettings((1,)))
    changed = apply_changes(terms, {"hours": "sun 12:00-16:00, Fri 20:00-02:00"}, ())
    friday, sunday = changed.settings.schedule.hours
    assert (friday, sunday) == ((4, time(20), time(2)), (6, time(12), time(16)))
    assert apply_changes(changed, {"hours": ""}, ()).settings.schedule.hours == ()
    for wrong in ("sat", "someday 10:00-14:00", "sat 10-14", "sat 10:00", "sat 25:00-26:00"):
        with pytest.raises(InvalidInputError):
            apply_changes(terms, {"hours": wrong}, ())


def test_settings_read_back_are_the_settings_written() -> None:
    settings = CampaignSettings(
        unitids=(194240, 190521),
        cips=("51.07",),
        credential_levels=(CredentialLevel.ASSOCIATE,),
        education_levels=(EducationLevel.HIGH_SCHOOL,),
        states=("NY",),
        caps=Caps(day=5, total=100, month_budget=250_000),
        zone="America/Chicago",
        schedule=Schedule(
            starts_at=datetime(2026, 1, 1, tzinfo=UTC),
            weekdays=(0, 4),
            opens=time(9),
            holidays=("2026-12-24", "12-25"),
        ),
        reserve_minor=250,
        return_window_days=7,
        return_quota_percent=10,
        zone_before=ZoneBefore("America/New_York", datetime(2026, 1, 2, 5, tzinfo=UTC)),
    )
    assert read_settings(settings.document()) == settings


def test_the_cap_day_turns_at_midnight_of_the_campaigns_own_zone() -> None:
    just_before = datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)
    just_after = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
    assert cap_keys(just_before, "America/Chicago", "USD")["day"] == "2026-11-22"
    assert cap_keys(just_after, "America/Chicago", "USD")["day"] == "2026-11-23"
    assert cap_keys(just_after, "America/Chicago", "USD")["hour"] == "2026-11-23T06"


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"])
def test_a_tenth_of_a_second_before_midnight_is_the_day_before_in_every_zone(zone: str) -> None:
    midnight = datetime(2028, 3, 1, tzinfo=ZoneInfo(zone))
    before = midnight.astimezone(UTC) - timedelta(seconds=0.1)
    assert cap_keys(before, zone, "USD")["day"] == "2028-02-29"
    assert cap_keys(before, zone, "USD")["month"] == "2028-02"
    assert cap_keys(midnight.astimezone(UTC), zone, "USD")["day"] == "2028-03-01"
    assert cap_keys(midnight.astimezone(UTC), zone, "USD")["month"] == "2028-03"


def test_the_hour_that_is_lived_twice_is_two_windows() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (
        cap_keys(first, "America/New_York", "USD")["hour"]
        != cap_keys(second, "America/New_York", "USD")["hour"]
    )
    assert (
        cap_keys(first, "America/New_York", "USD")["day"]
        == cap_keys(second, "America/New_York", "USD")["day"]
    )


def test_a_week_belongs_to_its_iso_year() -> None:
    assert cap_keys(datetime(2027, 1, 2, 12, tzinfo=UTC), "UTC", "USD")["week"] == "2026-W53"


def test_a_full_window_leaves_no_room_and_another_windows_places_do_not_count() -> None:
    keys = {"day": "2026-11-22", "total": "all", "hour": "h", "week": "w", "month": "m"}
    caps = Caps(day=5)
    assert has_room(caps, {("day", "2026-11-22"): 4, ("day", "2026-11-21"): 5}, keys, 1)
    assert not has_room(caps, {("day", "2026-11-22"): 5}, keys, 1)


def test_a_budget_has_room_for_whole_prices_only() -> None:
    keys = cap_keys(NOON, "America/New_York", "USD")
    caps = Caps(day_budget=10_000)
    assert keys["day_budget"] == "2026-11-20 USD"
    used = ("day_budget", keys["day_budget"])
    assert has_room(caps, {used: 7_500}, keys, 2_500)
    assert not has_room(caps, {used: 7_501}, keys, 2_500)
    assert has_room(caps, {("day_budget", "2026-11-20 CAD"): 10_000}, keys, 2_500)


@pytest.mark.parametrize(("used", "near"), [(89, False), (90, True), (100, True)])
def test_a_window_is_near_its_end_from_nine_tenths(used: int, near: bool) -> None:
    assert CapUse("day", "2026-11-20", used, 100).near_end is near


def test_a_new_zone_begins_at_the_next_midnight_of_the_old_one() -> None:
    before = CampaignSettings((1,), zone="America/New_York")
    after = replace(before, zone="Asia/Tokyo").following(before, NOON)
    midnight = datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert after.zone_at(midnight - timedelta(microseconds=1)) == "America/New_York"
    assert after.zone_at(midnight) == "Asia/Tokyo"
    terms = Terms(1, "USD", after)
    assert terms.keys_at(NOON)["day"] == "2026-11-20"
    assert terms.keys_at(midnight)["day"] == "2026-11-21"
    later = NOON + timedelta(hours=1)
    # Another change the same day: the zone that holds stays the first one until its midnight.
    third = replace(after, zone="Europe/Paris").following(after, later)
    assert (third.zone_at(later), third.zone_at(midnight)) == ("America/New_York", "Europe/Paris")
    assert replace(after, reserve_minor=1).following(after, later).zone_before == after.zone_before
    assert replace(after, zone="America/New_York").following(after, later).zone_before is None


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 12, 24, 17, tzinfo=UTC), False),
        (datetime(2027, 12, 24, 17, tzinfo=UTC), True),  # that day off was once
        (datetime(2026, 12, 25, 17, tzinfo=UTC), False),
        (datetime(2027, 12, 25, 17, tzinfo=UTC), False),
        (datetime(2026, 12, 26, 4, 59, tzinfo=UTC), False),  # 23:59 of the 25th in New York
        (datetime(2026, 12, 26, 5, 0, tzinfo=UTC), True),
    ],
)
def test_holidays_are_days_off_on_the_campaigns_clock(moment: datetime, is_open: bool) -> None:
    schedule = Schedule(holidays=("2026-12-24", "12-25"))
    assert schedule.open_at(moment, "America/New_York") is is_open


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


def test_budgets_holidays_and_returns_are_read() -> None:
    changed = apply_changes(
        TERMS,
        {
            "month_budget": "2500.50",
            "holidays": "12-25, 2026-12-24",
            "return_quota_percent": "10",
        },
        STATES,
    ).settings
    assert changed.caps == Caps(month_budget=250_050)
    assert changed.schedule.holidays == ("12-25", "2026-12-24")
    assert changed.return_quota_percent == 10


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
        ("price", "1e999999"),
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
        ("month_budget", "1e9"),
        ("day_budget", "9.999"),
        ("holidays", "2026-02-30"),
        ("holidays", "christmas"),
        ("return_quota_percent", "101"),
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
