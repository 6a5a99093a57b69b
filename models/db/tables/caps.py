"""Capacity: what each campaign may still take in each period, and the lead that took each place.

``used`` always equals the held and used ledger rows of the window; both change in one transaction.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from models.db.tables.base import METADATA, at, document, one_of, ref, text
from models.domain.caps import BUDGETS, PERIODS

# period: hour, day, week, month or total, or a budget of one; key: that period's local name, such
# as 2026-11-22; used and lim count leads, or minor units of the currency that a budget's key names.
cap_window = Table(
    "cap_window",
    METADATA,
    Column("campaign_id", UUID(as_uuid=True), ForeignKey("campaign.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("lim", Integer, nullable=False),
    CheckConstraint("used >= 0 AND used <= lim", name="within"),
    one_of("period", *PERIODS, *BUDGETS),
)

# One row a charged lead; windows: [[period, key, taken], …] that it holds a place in.
cap_ledger = Table(
    "cap_ledger",
    METADATA,
    Column("lead_id", UUID(as_uuid=True), ForeignKey("lead.id"), primary_key=True),
    ref("campaign_id", "campaign.id", index=True),
    document("windows"),
    text("state"),
    at("held_at"),
    at("settled_at", nullable=True),
    one_of("state", "held", "used", "released"),
)
