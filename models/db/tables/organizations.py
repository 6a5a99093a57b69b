"""Who has a contract with us: organizations, their schools, staff, keys, publishers, audit rows."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from models.db.tables.base import METADATA, at, document, id_column, one_of, raw, ref, sealed, text

organization = Table(
    "organization",
    METADATA,
    id_column(),
    text("name"),
    Column("fictional", Boolean, nullable=False, server_default="false"),
    at("created_at"),
)

# A school belongs to one organization at most; claiming its listing makes this row. intake: how it
# takes leads (models.domain.intake); none shares every lead and knows no duplicates.
organization_school = Table(
    "organization_school",
    METADATA,
    Column("unitid", Integer, primary_key=True, autoincrement=False),
    ref("organization_id", "organization.id", index=True),
    Column("takes_organic", Boolean, nullable=False, server_default="true"),
    at("claimed_at"),
    document("intake", nullable=True),
)

# An organization's data key, wrapped by the master key; it protects only its credentials.
organization_key = Table(
    "organization_key",
    METADATA,
    Column("organization_id", UUID(as_uuid=True), ForeignKey("organization.id"), primary_key=True),
    text("master_key_id"),
    raw("wrapped"),
    at("created_at"),
)

# totp_secret is sealed under a key of its own; totp_step is the time step of the code used last,
# so that no code opens twice.
staff = Table(
    "staff",
    METADATA,
    id_column(),
    text("email"),
    text("name"),
    text("password_hash", nullable=True),
    text("master_key_id"),
    raw("wrapped"),
    sealed("totp_secret", nullable=True),
    Column("totp_step", BigInteger, nullable=True),
    Column("is_operator", Boolean, nullable=False, server_default="false"),
    text("status"),
    at("created_at"),
    UniqueConstraint("email"),
    one_of("status", "invited", "active", "disabled"),
)

# entered_at: when they first came in with this role's rooms; subject: who they are to the
# organization's own sign-in, kept at the first use, so that nobody inherits an address.
membership = Table(
    "membership",
    METADATA,
    Column("staff_id", UUID(as_uuid=True), ForeignKey("staff.id"), primary_key=True),
    Column("organization_id", UUID(as_uuid=True), ForeignKey("organization.id"), primary_key=True),
    text("role"),
    at("created_at"),
    at("entered_at", nullable=True),
    text("subject", nullable=True),
    one_of("role", "member", "admin"),
)

api_key = Table(
    "api_key",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id", index=True),
    text("name"),
    text("prefix"),
    raw("secret_hash"),
    Column("scopes", ARRAY(Text), nullable=False),
    at("created_at"),
    at("expires_at", nullable=True),
    at("revoked_at", nullable=True),
    at("last_used_at", nullable=True),
    UniqueConstraint("prefix"),
)

publisher = Table(
    "publisher",
    METADATA,
    id_column(),
    text("name"),
    text("site"),
    text("status"),
    at("created_at"),
    one_of("status", "active", "paused"),
)

audit = Table(
    "audit",
    METADATA,
    id_column(),
    at("at"),
    text("actor_kind"),
    text("actor"),
    text("action"),
    text("subject"),
    document("detail"),
    Column("sequence", BigInteger, unique=True),
    raw("chain_hash", nullable=True),
    raw("signature", nullable=True),
    one_of("actor_kind", "staff", "api_key", "command", "system"),
    Index("ix_audit_at", "at", "id"),
)
