"""Reserving places under caps inside the acceptance transaction (delivery.md, Caps).

All windows that a request may need are made and locked first, in the order of (campaign, period,
key), the same order in which giving places back locks them; so no two transactions can wait for
each other. Then each place is taken by an update that only matches while there is room.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.campaign import CampaignSettings, Terms, read_settings
from models.domain.caps import cost

_VERSIONS = text("""
    SELECT v.id, c.id AS campaign_id, c.status, v.price_minor, v.currency,
           v.settings AS shown, n.settings AS current, n.currency AS current_currency
    FROM campaign_version v JOIN campaign c ON c.id = v.campaign_id
    JOIN campaign_version n ON n.campaign_id = c.id AND n.version = c.version
    WHERE v.id = ANY(CAST(:ids AS uuid[]))
""")
_MAKE = text("""
    INSERT INTO cap_window (campaign_id, period, key, used, lim)
    VALUES (:campaign_id, :period, :key, 0, :lim) ON CONFLICT DO NOTHING
""")
_LOCK = text("""
    SELECT used FROM cap_window
    WHERE campaign_id = :campaign_id AND period = :period AND key = :key FOR NO KEY UPDATE
""")
# The limit of now counts: one lowered under what is used leaves no room, and breaks no check.
_TAKE = text("""
    UPDATE cap_window SET used = used + :cost, lim = :lim
    WHERE campaign_id = :campaign_id AND period = :period AND key = :key AND used + :cost <= :lim
    RETURNING used
""")


@dataclass(frozen=True, slots=True)
class Window:
    """One cap or budget of one campaign in one period, and what one lead takes of it."""

    campaign_id: UUID
    period: str
    key: str
    lim: int
    cost: int

    @property
    def order(self) -> tuple[bytes, str, str]:
        """Where it stands in the one order in which windows are locked."""
        return self.campaign_id.bytes, self.period, self.key

    def row(self) -> dict[str, Any]:
        """Return the values that name it."""
        return {
            "campaign_id": self.campaign_id,
            "period": self.period,
            "key": self.key,
            "lim": self.lim,
            "cost": self.cost,
        }


@dataclass(frozen=True, slots=True)
class Placement:
    """What a sponsored listing would charge, by the version it was shown under.

    ``running``: the campaign is active and now is between its start and end. Its hours and days
    say when listings are placed; what was asked for from such a listing is taken after them too.
    """

    version_id: UUID
    campaign_id: UUID
    running: bool
    price_minor: int
    currency: str
    shown: CampaignSettings
    windows: tuple[Window, ...]
    month: str

    @property
    def terms(self) -> dict[str, Any]:
        """What is frozen on the lead beside its price; ``month`` is that of its statement."""
        return {
            "campaign_id": str(self.campaign_id),
            "month": self.month,
            "return_window_days": self.shown.return_window_days,
            "return_quota_percent": self.shown.return_quota_percent,
        }


class Capacity:
    """The places that one request may take; made once for it, all windows locked."""

    def __init__(
        self, connection: Connection, version_ids: Collection[UUID], now: datetime
    ) -> None:
        self._connection = connection
        self._placements = _placements(connection, version_ids, now)
        running = [p for p in self._placements.values() if p.running]
        self._used = _lock(connection, [window for p in running for window in p.windows])

    def placement(self, version_id: UUID | None) -> Placement | None:
        """Return what a listing shown under that version would charge."""
        return None if version_id is None else self._placements.get(version_id)

    def take(self, placement: Placement) -> bool:
        """Take one place in every window of a campaign, or none and return False."""
        windows = placement.windows
        if any(self._used[window.order] + window.cost > window.lim for window in windows):
            return False
        for window in windows:
            used = self._connection.execute(_TAKE, window.row()).scalar_one()
            self._used[window.order] = used
        return True


def _placements(
    connection: Connection, version_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, Placement]:
    if not version_ids:
        return {}
    rows = connection.execute(_VERSIONS, {"ids": list(version_ids)})
    return {row.id: _placement(row, now) for row in rows}


def _placement(row: Any, now: datetime) -> Placement:
    current = Terms(row.price_minor, row.current_currency, read_settings(row.current))
    keys, caps = current.keys_at(now), current.settings.caps
    windows = [
        Window(row.campaign_id, period, keys[period], limit, cost(period, row.price_minor))
        for period, limit in caps.limits().items()
    ]
    # A price in one currency cannot be counted against a budget in another.
    countable = row.currency == row.current_currency or not caps.spends
    return Placement(
        row.id,
        row.campaign_id,
        row.status == "active" and current.settings.schedule.runs_at(now) and countable,
        row.price_minor,
        row.currency,
        read_settings(row.shown),
        tuple(sorted(windows, key=lambda window: window.order)),
        keys["month"],
    )


def _lock(connection: Connection, windows: Sequence[Window]) -> dict[tuple[bytes, str, str], int]:
    ordered = sorted({window.order: window for window in windows}.items())
    for _, window in ordered:
        connection.execute(_MAKE, window.row())
    return {
        order: connection.execute(_LOCK, window.row()).scalar_one() for order, window in ordered
    }
