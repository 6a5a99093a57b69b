"""Campaigns: paid placement with its price, targeting, caps and schedule.

Settings are versioned: a change makes a new version, and a slate or lead names the one it saw.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models.domain.errors import TransitionError
from models.domain.levels import CredentialLevel, EducationLevel

PERIODS = ("hour", "day", "week", "month", "total")


class CampaignStatus(StrEnum):
    """Whether a campaign may place anything."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


C = CampaignStatus
TRANSITIONS: dict[CampaignStatus, frozenset[CampaignStatus]] = {
    C.DRAFT: frozenset({C.ACTIVE, C.ENDED}),
    C.ACTIVE: frozenset({C.PAUSED, C.ENDED}),
    C.PAUSED: frozenset({C.ACTIVE, C.ENDED}),
    C.ENDED: frozenset(),
}


def check_transition(old: CampaignStatus, new: CampaignStatus) -> None:
    """Refuse what the table does not allow.

    Raises:
        TransitionError: when ``new`` cannot follow ``old``.
    """
    if new not in TRANSITIONS[old]:
        raise TransitionError("campaign", old, new)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most leads in each period; None is no limit."""

    hour: int | None = None
    day: int | None = None
    week: int | None = None
    month: int | None = None
    total: int | None = None

    def limits(self) -> dict[str, int]:
        """Return the periods that have a limit, in the fixed order windows are locked in."""
        values = {period: getattr(self, period) for period in PERIODS}
        return {period: limit for period, limit in values.items() if limit is not None}


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign runs, in its own zone; ``weekdays`` count from Monday, 0.

    ``opens`` and ``closes`` are local times of each such day; a window that closes at or before
    it opens runs over midnight and belongs to the day it opened on.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    opens: time = time(0)
    closes: time = time(0)

    def runs_at(self, now: datetime) -> bool:
        """Tell whether a moment is between start and end, whatever the hour and the day."""
        begun = self.starts_at is None or now >= self.starts_at
        return begun and (self.ends_at is None or now < self.ends_at)

    def open_at(self, now: datetime, zone: str) -> bool:
        """Tell whether the campaign places listings at a moment."""
        if not self.runs_at(now):
            return False
        local = now.astimezone(ZoneInfo(zone))
        clock, today = local.time(), local.weekday()
        if self.opens < self.closes:
            return today in self.weekdays and self.opens <= clock < self.closes
        if clock >= self.opens:
            return today in self.weekdays
        return clock < self.closes and (today - 1) % 7 in self.weekdays


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """What a campaign places, for whom, how much and when; empty groups narrow nothing."""

    unitids: tuple[int, ...]
    cips: tuple[str, ...] = ()
    credential_levels: tuple[CredentialLevel, ...] = ()
    education_levels: tuple[EducationLevel, ...] = ()
    states: tuple[str, ...] = ()
    caps: Caps = field(default_factory=Caps)
    zone: str = "America/New_York"
    schedule: Schedule = field(default_factory=Schedule)
    reserve_minor: int = 0
    return_window_days: int = 14

    def document(self) -> dict[str, Any]:
        """Write the settings as the JSON document that a version keeps."""
        plain = asdict(self)
        targeting = {name: list(plain.pop(name)) for name in ("education_levels", "states")}
        schedule = plain.pop("schedule")
        for name in ("starts_at", "ends_at", "opens", "closes"):
            schedule[name] = schedule[name].isoformat() if schedule[name] is not None else None
        schedule["weekdays"] = list(schedule["weekdays"])
        lists = {name: list(plain.pop(name)) for name in ("unitids", "cips", "credential_levels")}
        return {**lists, "targeting": targeting, **plain, "schedule": schedule}


def read_settings(document: Mapping[str, Any]) -> CampaignSettings:
    """Read settings back from a version's document."""
    targeting, schedule = document.get("targeting", {}), document.get("schedule") or {}
    return CampaignSettings(
        unitids=tuple(document["unitids"]),
        cips=tuple(document.get("cips", ())),
        credential_levels=tuple(map(CredentialLevel, document.get("credential_levels", ()))),
        education_levels=tuple(map(EducationLevel, targeting.get("education_levels", ()))),
        states=tuple(targeting.get("states", ())),
        caps=Caps(**document.get("caps", {})),
        zone=document.get("zone", "America/New_York"),
        schedule=_read_schedule(schedule),
        reserve_minor=document.get("reserve_minor", 0),
        return_window_days=document.get("return_window_days", 14),
    )


def _read_schedule(document: Mapping[str, Any]) -> Schedule:
    readers: dict[str, Callable[[Any], Any]] = {
        "starts_at": datetime.fromisoformat,
        "ends_at": datetime.fromisoformat,
        "weekdays": tuple,
        "opens": time.fromisoformat,
        "closes": time.fromisoformat,
    }
    known = {f.name for f in fields(Schedule)}
    values = {
        name: readers[name](value)
        for name, value in document.items()
        if name in known and value is not None
    }
    return Schedule(**values)


@dataclass(frozen=True, slots=True)
class Terms:
    """What one version of a campaign says: the price of a lead in minor units, and settings."""

    price_minor: int
    currency: str
    settings: CampaignSettings


@dataclass(frozen=True, slots=True)
class CampaignVersion:
    """A campaign's price and settings as they were from one moment on."""

    id: UUID
    campaign_id: UUID
    organization_id: UUID
    version: int
    price_minor: int
    currency: str
    settings: CampaignSettings
    created_at: datetime
    created_by: str

    @property
    def terms(self) -> Terms:
        """The price and settings, as a change starts from them."""
        return Terms(self.price_minor, self.currency, self.settings)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign with its current version, and whose it is."""

    id: UUID
    organization_id: UUID
    organization_name: str
    fictional: bool
    name: str
    status: CampaignStatus
    current: CampaignVersion


def cap_keys(now: datetime, zone: str) -> dict[str, str]:
    """Name the cap window of each period that a moment falls in.

    Days, weeks and months are the campaign's own; hours are UTC, so that the hour that a change
    of clocks repeats is two windows.
    """
    local = now.astimezone(ZoneInfo(zone))
    year, week, _ = local.isocalendar()
    return {
        "hour": now.astimezone(UTC).strftime("%Y-%m-%dT%H"),
        "day": local.strftime("%Y-%m-%d"),
        "week": f"{year}-W{week:02d}",
        "month": local.strftime("%Y-%m"),
        "total": "all",
    }


def has_room(caps: Caps, used: Mapping[tuple[str, str], int], keys: Mapping[str, str]) -> bool:
    """Tell whether every capped period has a place left.

    Args:
        caps: the limits.
        used: places taken, by period and key.
        keys: the present key of each period, from ``cap_keys``.
    """
    limits = caps.limits()
    return all(used.get((period, keys[period]), 0) < limit for period, limit in limits.items())
