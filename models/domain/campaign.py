"""Campaigns: paid placement with its price, targeting, caps and schedule.

Settings are versioned: a change makes a new version, and a slate or lead names the one it saw.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.domain.caps import Caps, cap_keys, next_midnight
from models.domain.errors import TransitionError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.schedule import Schedule, read_schedule
from models.domain.verification import Verification


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
class ZoneBefore:
    """The zone that still holds, until a moment: a change takes effect at its next midnight."""

    zone: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """What a campaign places, for whom, how much and when; empty groups narrow nothing.

    Of what a month charged, schools may return ``return_quota_percent`` of the leads, each within
    ``return_window_days`` of its arrival. ``verification``: what must be known of a student before
    a lead leaves.
    """

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
    return_quota_percent: int = 100
    zone_before: ZoneBefore | None = None
    verification: Verification = Verification.NONE

    def zone_at(self, now: datetime) -> str:
        """Name the zone whose days count at a moment."""
        before = self.zone_before
        return before.zone if before is not None and now < before.until else self.zone

    def following(self, before: "CampaignSettings", now: datetime) -> "CampaignSettings":
        """Return these settings as they hold after others: a new zone begins at midnight."""
        holds = before.zone_at(now)
        if self.zone == holds:
            return replace(self, zone_before=None)
        if self.zone == before.zone:  # changed earlier today; its midnight stays
            return replace(self, zone_before=before.zone_before)
        return replace(self, zone_before=ZoneBefore(holds, next_midnight(now, holds)))

    def document(self) -> dict[str, Any]:
        """Write the settings as the JSON document that a version keeps."""
        plain = asdict(self)
        targeting = {name: list(plain.pop(name)) for name in ("education_levels", "states")}
        lists = {name: list(plain.pop(name)) for name in ("unitids", "cips", "credential_levels")}
        if self.zone_before is not None:
            plain["zone_before"]["until"] = self.zone_before.until.isoformat()
        return {
            **lists,
            "targeting": targeting,
            **plain,
            "schedule": self.schedule.document(),
        }


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
        schedule=read_schedule(schedule),
        reserve_minor=document.get("reserve_minor", 0),
        return_window_days=document.get("return_window_days", 14),
        return_quota_percent=document.get("return_quota_percent", 100),
        zone_before=_read_zone_before(document.get("zone_before")),
        verification=Verification(document.get("verification", "none")),
    )


def _read_zone_before(document: Mapping[str, Any] | None) -> ZoneBefore | None:
    if document is None:
        return None
    return ZoneBefore(document["zone"], datetime.fromisoformat(document["until"]))


@dataclass(frozen=True, slots=True)
class Terms:
    """What one version of a campaign says: the price of a lead in minor units, and settings."""

    price_minor: int
    currency: str
    settings: CampaignSettings

    def keys_at(self, now: datetime) -> dict[str, str]:
        """Name the cap window of each period at a moment."""
        return cap_keys(now, self.settings.zone_at(now), self.currency)


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
