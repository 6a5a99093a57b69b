"""How staff get in, and what they claim: invitations, sessions, tries to log in, claims."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import UUID

from models.db.tables.base import METADATA, at, id_column, one_of, raw, ref, sealed, text

# The link holds a token; only its hash is here. account: it sets all that opens the account;
# password: a new password, and asks for the second factor.
staff_invitation = Table(
    "staff_invitation",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    ref("staff_id", "staff.id", index=True),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
    Column("opens", Text, nullable=False, server_default="account"),
    one_of("opens", "account", "password"),
)

# Each opens an account once in place of a code from the app; only hashes are here.
staff_recovery_code = Table(
    "staff_recovery_code",
    METADATA,
    Column("code_hash", LargeBinary, primary_key=True),
    ref("staff_id", "staff.id", index=True),
    at("created_at"),
    at("used_at", nullable=True),
)

# Who asked for a way back: the SHA-256 of the address as typed, whether or not anybody has it. A
# worker looks; so the page takes as long for an address that is unknown.
staff_way_back = Table(
    "staff_way_back",
    METADATA,
    Column("email_hash", LargeBinary, primary_key=True),
    at("asked_at"),
)

# An organization's own sign-in (OpenID Connect); its secret is sealed under the organization's key.
identity_provider = Table(
    "identity_provider",
    METADATA,
    Column("organization_id", UUID(as_uuid=True), ForeignKey("organization.id"), primary_key=True),
    text("issuer"),
    text("client_id"),
    sealed("client_secret"),
    Column("promises_second_factor", Boolean, nullable=False),
    at("changed_at"),
)

# As web_session: the cookie holds a token, data is JSON under the session's own key. expires_at
# moves on with each visit, and never past ends_at. organization_id: whose own sign-in began it; it
# opens that organization's rooms and nothing else.
staff_session = Table(
    "staff_session",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    Column("id", UUID(as_uuid=True), nullable=False, unique=True),
    ref("staff_id", "staff.id", index=True),
    at("began_at"),
    at("seen_at"),
    at("expires_at"),
    at("ends_at"),
    text("master_key_id"),
    raw("wrapped"),
    sealed("data"),
    ref("organization_id", "organization.id", nullable=True, index=True),
    Index("ix_staff_session_expires_at", "expires_at"),
)

# Tries to log in, by bucket: a hash of an account, an address, both, or a known browser.
login_try = Table(
    "login_try",
    METADATA,
    Column("bucket", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    at("window_ends"),
)

listing_claim = Table(
    "listing_claim",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id", index=True),
    Column("unitid", Integer, nullable=False),
    Column("destination_id", UUID(as_uuid=True), ForeignKey("destination.id"), nullable=True),
    Column("takes_organic", Boolean, nullable=False),
    text("status"),
    at("claimed_at"),
    at("decided_at", nullable=True),
    one_of("status", "pending", "approved", "declined"),
    # One open claim of an organization for a school.
    Index(
        "ix_listing_claim_pending",
        "organization_id",
        "unitid",
        unique=True,
        postgresql_where=sql("status = 'pending'"),
    ),
)
