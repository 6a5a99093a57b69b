"""Rows of campaigns: how they are read, and what values they become."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from models.db.tables.campaigns import campaign, campaign_version
from models.db.tables.organizations import organization
from models.domain.campaign import Campaign, CampaignStatus, CampaignVersion, read_settings


def current() -> Select[Any]:
    """Campaigns with their current version and organization."""
    version = campaign_version.c
    return (
        select(
            campaign,
            version.id.label("version_id"),
            version.price_minor,
            version.currency,
            version.settings,
            version.created_at.label("version_at"),
            version.created_by,
            organization.c.name.label("organization_name"),
            organization.c.fictional,
        )
        .join(organization, organization.c.id == campaign.c.organization_id)
        .join(
            campaign_version,
            (version.campaign_id == campaign.c.id) & (version.version == campaign.c.version),
        )
    )


def lock(connection: Connection, campaign_id: UUID) -> None:
    """Lock a campaign until the end of the transaction, before it is read.

    Not its key: acceptance, which holds windows, may refer to it meanwhile. Who reads and locks at
    once, and waits for somebody's change, is left with nothing: the row that comes free names a
    version that what was read did not have.
    """
    query = select(campaign.c.id).where(campaign.c.id == campaign_id)
    connection.execute(query.with_for_update(key_share=True))


def to_campaign(row: Row[Any]) -> Campaign:
    """Make the value of a row."""
    version = CampaignVersion(
        id=row.version_id,
        campaign_id=row.id,
        organization_id=row.organization_id,
        version=row.version,
        price_minor=row.price_minor,
        currency=row.currency,
        settings=read_settings(row.settings),
        created_at=row.version_at,
        created_by=row.created_by,
    )
    return Campaign(
        id=row.id,
        organization_id=row.organization_id,
        organization_name=row.organization_name,
        fictional=row.fictional,
        name=row.name,
        status=CampaignStatus(row.status),
        current=version,
    )
