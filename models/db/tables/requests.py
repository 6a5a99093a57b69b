"""What students asked for: person keys, requests, leads, consents, suppression.

A person is one request's student; shredding the ``wrapped`` key makes every sealed column of that
person unreadable while rows, counts and chains stay whole.
"""

from sqlalchemy import (
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

from models.db.tables.base import (
    METADATA,
    at,
    document,
    id_column,
    minor_units,
    one_of,
    raw,
    ref,
    sealed,
    text,
)

person_key = Table(
    "person_key",
    METADATA,
    id_column("person_id"),
    text("master_key_id"),
    raw("wrapped", nullable=True),
    at("created_at"),
    at("shredded_at", nullable=True),
)

# source: a publisher's shown id, or "site". slate: the slate and its served pages, kept for good.
# student: JSON {first_name, last_name, email, phone, desired_start}.
request = Table(
    "request",
    METADATA,
    id_column(),
    at("created_at"),
    text("source"),
    text("idempotency_key"),
    raw("body_hash"),
    Column("slate_id", UUID(as_uuid=True), nullable=False),
    document("slate"),
    text("locale"),
    text("jurisdiction"),
    ref("publisher_id", "publisher.id", nullable=True),
    text("landing_page", nullable=True),
    text("creative", nullable=True),
    ref("person_id", "person_key.person_id"),
    sealed("student"),
    sealed("evidence"),
    raw("email_index"),
    raw("phone_index", nullable=True),
    Column("age_18_or_over", Boolean, nullable=False),
    Column("privacy_control", Boolean, nullable=False),
    document("not_taken"),
    at("email_confirmed_at", nullable=True),
    UniqueConstraint("source", "idempotency_key"),
    Index("ix_request_email_index", "email_index"),
    Index("ix_request_phone_index", "phone_index"),
    Index("ix_request_created_at", "created_at"),
)

# Price and terms are frozen here at acceptance; an organic lead has neither. route: destinations
# still to be asked, in order, of a lead that only one may have; none where all have it. confirm_by:
# until when its student must have confirmed the e-mail address, where its campaign asks for that.
lead = Table(
    "lead",
    METADATA,
    id_column(),
    ref("request_id", "request.id"),
    Column("unitid", Integer, nullable=False),
    ref("organization_id", "organization.id"),
    at("created_at"),
    ref("campaign_version_id", "campaign_version.id", nullable=True),
    minor_units("price_minor", nullable=True),
    text("currency", nullable=True),
    document("terms", nullable=True),
    sealed("answers", nullable=True),
    document("route", nullable=True),
    at("confirm_by", nullable=True),
    UniqueConstraint("request_id", "unitid"),
    Index("ix_lead_organization_id_created_at", "organization_id", "created_at"),
)

lead_listing = Table(
    "lead_listing",
    METADATA,
    Column("lead_id", UUID(as_uuid=True), ForeignKey("lead.id"), primary_key=True),
    Column("listing_id", Text, primary_key=True),
    text("program_id"),
    ref("campaign_version_id", "campaign_version.id", nullable=True),
    Column("position", Integer, nullable=False),
    Column("organic_position", Integer, nullable=False),
)

# The words themselves, by their hash; the same text is kept once.
consent_text = Table(
    "consent_text",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("unitid", Integer, nullable=False),
    text("channel"),
    text("locale"),
    text("jurisdiction"),
    text("version"),
    text("text"),
    at("created_at"),
    one_of("channel", "email", "call", "text"),
)

# canonical: RFC 8785 bytes under the person's key; commitment: their hash with a salt inside.
# sequence, chain_hash and signature are filled by the sealer, never by acceptance.
consent = Table(
    "consent",
    METADATA,
    id_column(),
    ref("request_id", "request.id", index=True),
    ref("lead_id", "lead.id", index=True),
    Column("unitid", Integer, nullable=False),
    text("channel"),
    Column("text_id", Text, ForeignKey("consent_text.id"), nullable=False),
    text("locale"),
    text("jurisdiction"),
    at("agreed_at"),
    sealed("canonical"),
    raw("commitment"),
    Column("sequence", BigInteger, unique=True),
    raw("chain_hash", nullable=True),
    raw("signature", nullable=True),
    UniqueConstraint("lead_id", "channel"),
)

# A blind index of an address that must not be used; read at every claim.
suppression = Table(
    "suppression",
    METADATA,
    id_column(),
    text("kind"),
    raw("blind_index"),
    text("reason"),
    at("created_at"),
    UniqueConstraint("kind", "blind_index"),
    one_of("kind", "email", "phone"),
)

# Who was erased: no more than ids and hashes. It refuses the same person from outside, and erases
# them again where an older copy of the database brought their key back. person_id points nowhere:
# the row outlives what it names.
erasure = Table(
    "erasure",
    METADATA,
    id_column("person_id"),
    at("erased_at"),
    text("erased_by"),
    raw("email_index", nullable=True),
    raw("phone_index", nullable=True),
    one_of("erased_by", "student", "operator", "age"),
    Index("ix_erasure_email_index", "email_index"),
    Index("ix_erasure_phone_index", "phone_index"),
)
