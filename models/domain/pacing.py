"""Pacing: how much a campaign bids down so that its caps last until their period ends.

    pacing = (share of the cap that is left / share of the open time that is left) ^ 4, at most 1

A campaign that is ahead of an even pace bids less, one that is behind bids its price. The power
makes being a tenth ahead a third less: where rivals bid little, a tenth less would hold nothing
back. The tightest of its day, week and month decides, of leads and of money alike.

Open time is the campaign's schedule on its own clock: days and hours when it does not run do not
count, nor what lies before its start or after its end. An hour is too short to pace, and a total
has no end to last until.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.domain.campaign import Terms
from models.domain.caps import calendar
from models.domain.schedule import Schedule

STEEPNESS = 4
_DIGITS = 4
_DAY = timedelta(days=1)


def pacing(terms: Terms, used: Mapping[tuple[str, str], int], now: datetime) -> float:
    """Tell how much of its price a campaign bids at a moment, from 0 to 1.

    Args:
        terms: the campaign's caps and budgets, schedule and zone.
        used: places and money taken, by period and key.
        now: the moment.
    """
    settings, keys = terms.settings, terms.keys_at(now)
    zone = settings.zone_at(now)
    local = _on_clock(now, zone)
    paces = [1.0]
    for period, limit in settings.caps.limits().items():
        if calendar(period) not in _PERIODS or limit <= 0:
            continue
        start, end = _period(calendar(period), local, settings.schedule, zone)
        whole = _open_time(settings.schedule, start, end)
        left = _open_time(settings.schedule, local, end)
        if whole and left:
            places = limit - used.get((period, keys[period]), 0)
            paces.append(max(0, places) / limit / (left / whole))
    return round(min(paces) ** STEEPNESS, _DIGITS)


def _period(
    period: str, local: datetime, schedule: Schedule, zone: str
) -> tuple[datetime, datetime]:
    """When a period begins and ends on the campaign's clock, within its own start and end."""
    start, end = (datetime.combine(day, time()) for day in _PERIODS[period](local.date()))
    begins, ends = schedule.starts_at, schedule.ends_at
    if begins is not None:
        start = max(start, _on_clock(begins, zone))
    if ends is not None:
        end = min(end, _on_clock(ends, zone))
    return start, end


def _open_time(schedule: Schedule, start: datetime, end: datetime) -> timedelta:
    """How long a campaign runs between two moments of its clock."""
    total, day = timedelta(), start.date() - _DAY  # a window may run over midnight
    while day <= end.date():
        if schedule.runs_on(day):
            opens, closes = (datetime.combine(day, at) for at in schedule.window(day))
            if closes <= opens:
                closes += _DAY
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += _DAY
    return total


def _on_clock(moment: datetime, zone: str) -> datetime:
    """What the clock on the campaign's wall shows: days are 24 hours, also when clocks change."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _day(today: date) -> tuple[date, date]:
    return today, today + _DAY


def _week(today: date) -> tuple[date, date]:
    monday = today - today.weekday() * _DAY
    return monday, monday + 7 * _DAY


def _month(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return first, (first + 31 * _DAY).replace(day=1)


_PERIODS = {"day": _day, "week": _week, "month": _month}
