"""When a campaign runs, on its own clock: days, hours, holidays, a start and an end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign runs, in its own zone; ``weekdays`` count from Monday, 0.

    ``opens`` and ``closes`` are local times of each such day, but of those that ``hours`` name: a
    weekday with times of its own. A window that closes at or before it opens runs over midnight
    and belongs to the day it opened on. ``holidays`` are days off: ``2026-12-24`` once, ``12-25``
    every year.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    opens: time = time(0)
    closes: time = time(0)
    holidays: tuple[str, ...] = ()
    hours: tuple[tuple[int, time, time], ...] = ()

    def window(self, day: date) -> tuple[time, time]:
        """Tell when it opens and closes on one of its days."""
        own = {weekday: (opens, closes) for weekday, opens, closes in self.hours}
        return own.get(day.weekday(), (self.opens, self.closes))

    def runs_at(self, now: datetime) -> bool:
        """Tell whether a moment is between start and end, whatever the hour and the day."""
        begun = self.starts_at is None or now >= self.starts_at
        return begun and (self.ends_at is None or now < self.ends_at)

    def runs_on(self, day: date) -> bool:
        """Tell whether a local day is one of its days."""
        off = {day.isoformat(), day.strftime("%m-%d")}
        return day.weekday() in self.weekdays and off.isdisjoint(self.holidays)

    def open_at(self, now: datetime, zone: str) -> bool:
        """Tell whether the campaign places listings at a moment."""
        if not self.runs_at(now):
            return False
        local = now.astimezone(ZoneInfo(zone))
        clock, today = local.time(), local.date()
        opens, closes = self.window(today)
        if self.runs_on(today) and opens <= clock and (closes <= opens or clock < closes):
            return True
        began, ends = self.window(today - _DAY)
        return ends <= began and clock < ends and self.runs_on(today - _DAY)

    def document(self) -> dict[str, Any]:
        """Write it as plain JSON values."""
        return {
            "starts_at": self.starts_at and self.starts_at.isoformat(),
            "ends_at": self.ends_at and self.ends_at.isoformat(),
            "weekdays": list(self.weekdays),
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat(),
            "holidays": list(self.holidays),
            "hours": [
                [day, opens.isoformat(), closes.isoformat()] for day, opens, closes in self.hours
            ],
        }


def read_schedule(document: Mapping[str, Any]) -> Schedule:
    """Read a schedule back from its document."""
    readers: dict[str, Callable[[Any], Any]] = {
        "starts_at": datetime.fromisoformat,
        "ends_at": datetime.fromisoformat,
        "weekdays": tuple,
        "opens": time.fromisoformat,
        "closes": time.fromisoformat,
        "holidays": tuple,
        "hours": _read_hours,
    }
    known = {f.name for f in fields(Schedule)}
    values = {
        name: readers[name](value)
        for name, value in document.items()
        if name in known and value is not None
    }
    return Schedule(**values)


def _read_hours(document: Sequence[Sequence[Any]]) -> tuple[tuple[int, time, time], ...]:
    return tuple(
        (day, time.fromisoformat(opens), time.fromisoformat(closes))
        for day, opens, closes in document
    )
