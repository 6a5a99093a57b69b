"""What organizations owe: charges, written with the places that cause them, and statements."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, UniqueConstraint

from models.db.tables.base import (
    METADATA,
    at,
    document,
    id_column,
    minor_units,
    one_of,
    ref,
    text,
)
from models.domain.statement import ChargeKind

# Append-only. An adjustment has a note and who made it, and neither lead nor campaign.
charge = Table(
    "charge",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    ref("organization_id", "organization.id"),
    ref("lead_id", "lead.id", nullable=True, index=True),
    ref("campaign_id", "campaign.id", nullable=True, index=True),
    text("kind"),
    minor_units("amount_minor"),
    text("currency"),
    text("month"),
    at("at"),
    text("note", nullable=True),
    text("by", nullable=True),
    one_of("kind", *ChargeKind),
    Index("ix_charge_statement", "organization_id", "month"),
)

# Issued once a month is over; lines are the charges of that month as they were.
statement = Table(
    "statement",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id"),
    text("month"),
    text("currency"),
    document("lines"),
    minor_units("total_minor"),
    at("created_at"),
    UniqueConstraint("organization_id", "month", "currency"),
)
