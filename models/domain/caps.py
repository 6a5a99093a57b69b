"""Caps and budgets: how many leads, and how much money, a campaign takes in each period.

A cap counts leads, a budget money in minor units; both are kept in windows, one for each period,
and a lead takes its place in all of them or in none. A window's key is the period's local name
(``2026-11-22``); a budget's names its currency as well, so that money of two currencies never adds
up. Hours are UTC: the hour that a change of clocks repeats is two windows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIODS = ("hour", "day", "week", "month", "total")
# Periods of money; an hour is too short for a price.
BUDGETS = ("day_budget", "week_budget", "month_budget", "total_budget")

# From this share on, people are told that a window is about to be full.
NEAR_END = 0.9


@dataclass(frozen=True, slots=True)
class Caps:
    """The most leads, and the most money in minor units, in each period; None is no limit."""

    hour: int | None = None
    day: int | None = None
    week: int | None = None
    month: int | None = None
    total: int | None = None
    day_budget: int | None = None
    week_budget: int | None = None
    month_budget: int | None = None
    total_budget: int | None = None

    def limits(self) -> dict[str, int]:
        """Return the limit of each period that has one."""
        values = {period: getattr(self, period) for period in (*PERIODS, *BUDGETS)}
        return {period: limit for period, limit in values.items() if limit is not None}

    @property
    def spends(self) -> bool:
        """Whether any of the limits is money."""
        return any(period in BUDGETS for period in self.limits())


@dataclass(frozen=True, slots=True)
class CapUse:
    """How far a window is used: leads, or money in minor units."""

    period: str
    key: str
    used: int
    limit: int

    @property
    def money(self) -> bool:
        """Whether it counts money and not leads."""
        return self.period in BUDGETS

    @property
    def near_end(self) -> bool:
        """Whether it is about to be full, or is."""
        return self.used >= self.limit * NEAR_END


def cap_keys(now: datetime, zone: str, currency: str) -> dict[str, str]:
    """Name the window of each period, of leads and of money, that a moment falls in."""
    local = now.astimezone(ZoneInfo(zone))
    year, week, _ = local.isocalendar()
    keys = {
        "hour": now.astimezone(UTC).strftime("%Y-%m-%dT%H"),
        "day": local.strftime("%Y-%m-%d"),
        "week": f"{year}-W{week:02d}",
        "month": local.strftime("%Y-%m"),
        "total": "all",
    }
    return keys | {name: f"{keys[calendar(name)]} {currency}" for name in BUDGETS}


def calendar(period: str) -> str:
    """Name the stretch of time that a period is: a budget's is its cap's."""
    return period.removesuffix("_budget")


def cost(period: str, price_minor: int) -> int:
    """Tell what one lead takes of a window: a place, or its price."""
    return price_minor if period in BUDGETS else 1


def has_room(
    caps: Caps,
    used: Mapping[tuple[str, str], int],
    keys: Mapping[str, str],
    price_minor: int,
) -> bool:
    """Tell whether every window has room for one more lead.

    Args:
        caps: the limits.
        used: what is taken, by period and key.
        keys: the present key of each period, from ``cap_keys``.
        price_minor: what the lead would cost.
    """
    return all(
        used.get((period, keys[period]), 0) + cost(period, price_minor) <= limit
        for period, limit in caps.limits().items()
    )


def next_midnight(now: datetime, zone: str) -> datetime:
    """The moment at which a zone's next day begins, in UTC."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(zone)).astimezone(UTC)
