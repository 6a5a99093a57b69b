"""Changing a campaign: one step for the command line and the school's room."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from matcher.regions import REGIONS
from models.domain.campaign import Campaign, CampaignSettings, CampaignStatus, Terms
from models.domain.campaign_changes import apply_changes
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork

NOTHING_YET = Terms(0, "USD", CampaignSettings(unitids=()))


def new_terms(wanted: Mapping[str, str]) -> Terms:
    """Read the terms of a new campaign.

    Raises:
        InvalidInputError: naming everything that cannot be used.
    """
    return apply_changes(NOTHING_YET, wanted, REGIONS)


def create_campaign(  # noqa: PLR0913 - who makes what for whom
    work: UnitOfWork,
    who: Actor,
    organization_id: UUID,
    name: str,
    wanted: Mapping[str, str],
    *,
    now: datetime,
) -> UUID:
    """Make a campaign as a draft.

    Raises:
        InvalidInputError: naming everything that cannot be used.
    """
    terms = new_terms(wanted)
    made = work.campaigns.create(organization_id, name, terms, by=who.name, now=now)
    shown = show(Prefix.CAMPAIGN, made)
    work.organizations.record_audit(who, "campaign.create", shown, {"changes": dict(wanted)}, now)
    return made


def change_terms(
    work: UnitOfWork, who: Actor, before: Campaign, wanted: Mapping[str, str], now: datetime
) -> Campaign:
    """Make a new version from this moment on; leads keep the version they were shown under.

    Raises:
        InvalidInputError: naming everything that cannot be used.
    """
    terms = apply_changes(before.current.terms, wanted, REGIONS)
    version = work.campaigns.change(before, terms, by=who.name, now=now)
    detail = {"changes": dict(wanted), "from": before.current.version, "to": version.version}
    shown = show(Prefix.CAMPAIGN, before.id)
    work.organizations.record_audit(who, "campaign.set", shown, detail, now)
    return work.campaigns.get(before.id)


def move_campaign(
    work: UnitOfWork, who: Actor, before: Campaign, status: CampaignStatus, now: datetime
) -> Campaign:
    """Begin, pause, resume or end a campaign; the same again changes nothing.

    Raises:
        TransitionError: when that cannot follow.
    """
    if before.status is status:
        return before
    work.campaigns.set_status(before, status)
    detail = {"from": before.status.value, "to": status.value}
    shown = show(Prefix.CAMPAIGN, before.id)
    work.organizations.record_audit(who, "campaign.status", shown, detail, now)
    return work.campaigns.get(before.id)
