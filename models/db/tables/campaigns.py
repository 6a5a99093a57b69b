"""Paid placement and where leads go: campaigns, destinations; settings are versioned rows."""

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from models.db.tables.base import (
    METADATA,
    at,
    document,
    id_column,
    minor_units,
    one_of,
    ref,
    sealed,
    text,
)

campaign = Table(
    "campaign",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id", index=True),
    text("name"),
    text("status"),
    Column("version", Integer, nullable=False),
    at("created_at"),
    one_of("status", "draft", "active", "paused", "ended"),
)

# settings: {unitids, cips, credential_levels, targeting: {education_levels, states}, caps:
# {hour, day, week, month, total}, zone, schedule, reserve_minor, return_window_days}
campaign_version = Table(
    "campaign_version",
    METADATA,
    id_column(),
    ref("campaign_id", "campaign.id"),
    Column("version", Integer, nullable=False),
    minor_units("price_minor"),
    text("currency"),
    document("settings"),
    at("created_at"),
    text("created_by"),
    UniqueConstraint("campaign_id", "version"),
)

destination = Table(
    "destination",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id", index=True),
    text("name"),
    text("kind"),
    text("status"),
    Column("version", Integer, nullable=False),
    at("tested_at", nullable=True),
    at("created_at"),
    one_of("status", "draft", "active", "paused", "disabled", "removed"),
)

# secrets: JSON of the credentials, under the organization's data key.
destination_version = Table(
    "destination_version",
    METADATA,
    id_column(),
    ref("destination_id", "destination.id"),
    Column("version", Integer, nullable=False),
    document("settings"),
    sealed("secrets", nullable=True),
    at("created_at"),
    text("created_by"),
    UniqueConstraint("destination_id", "version"),
)

destination_school = Table(
    "destination_school",
    METADATA,
    Column(
        "destination_id",
        UUID(as_uuid=True),
        ForeignKey("destination.id"),
        primary_key=True,
    ),
    Column(
        "unitid",
        Integer,
        ForeignKey("organization_school.unitid"),
        primary_key=True,
        autoincrement=False,
    ),
)

# In the database and not in a cache: every worker must see the same brake. recent: when what was
# sent of late was claimed, kept where there is a pace.
destination_state = Table(
    "destination_state",
    METADATA,
    Column(
        "destination_id",
        UUID(as_uuid=True),
        ForeignKey("destination.id"),
        primary_key=True,
    ),
    at("next_allowed_at", nullable=True),
    text("breaker"),
    at("failing_since", nullable=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("inflight_limit", Integer, nullable=False, server_default="8"),
    Column("feed_sequence", BigInteger, nullable=False, server_default="0"),
    Column("pace_posts", Integer, nullable=True),
    Column("pace_seconds", Integer, nullable=True),
    Column("recent", ARRAY(TIMESTAMP(timezone=True)), nullable=False, server_default="{}"),
    one_of("breaker", "closed", "open", "half_open"),
)
