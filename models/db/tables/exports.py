"""Tables of leads that staff prepared: a link that opens once. What is in them is kept nowhere."""

from sqlalchemy import Column, Integer, LargeBinary, Table

from models.db.tables.base import METADATA, at, document, ref

# The link holds a token; only its hash is here. filters: as an address has them, nothing personal.
lead_export = Table(
    "lead_export",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    ref("organization_id", "organization.id", index=True),
    ref("staff_id", "staff.id"),
    document("filters"),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
    Column("rows", Integer, nullable=True),
)
