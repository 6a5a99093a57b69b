"""The ledger: deliveries, attempts, batches, messages, dispositions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import UUID

from models.db.tables.base import (
    METADATA,
    at,
    document,
    id_column,
    one_of,
    raw,
    ref,
    sealed,
    text,
)
from models.domain.lead import Verdict

_STATES = (
    "pending",
    "leased",
    "in_doubt",
    "delivered",
    "unconfirmed",
    "duplicate",
    "rejected",
    "failed",
    "expired",
    "poison",
    "cancelled",
)

# body: rendered at the first claim, then frozen; sealed under the person's key. lead_id is null
# only for a test delivery. feed_sequence is given in one serialised step (feeds only). lease_holder
# is the name of the session that claimed it last: all that one process holds has one name.
# destination_version_id and an attempt's delivery_id are written by one statement each, from rows
# read or locked in its transaction, which stay: to check them again cost more than to write them.
# by_mail: a change of a lead of which people of the school are told by e-mail, at the address that
# the destination names, because its own channel cannot carry it.
delivery = Table(
    "delivery",
    METADATA,
    id_column(),
    ref("lead_id", "lead.id", nullable=True),
    ref("destination_id", "destination.id"),
    Column("destination_version_id", UUID(as_uuid=True), nullable=True),
    text("purpose"),
    Column("by_mail", Boolean, nullable=False, server_default="false"),
    Column("generation", Integer, nullable=False, server_default="1"),
    text("status"),
    at("created_at"),
    at("due_at"),
    at("expires_at"),
    at("lease_until", nullable=True),
    Column("lease_token", Integer, nullable=False, server_default="0"),
    text("lease_holder", nullable=True),
    Column("claims", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    sealed("body", nullable=True),
    raw("body_hash", nullable=True),
    at("settled_at", nullable=True),
    Column("feed_sequence", BigInteger, nullable=True),
    text("receiver_reference", nullable=True),
    UniqueConstraint("lead_id", "destination_id", "purpose", "generation"),
    UniqueConstraint("destination_id", "feed_sequence"),
    one_of("purpose", "lead", "withdrawal", "correction", "deletion", "test"),
    one_of("status", *_STATES),
    Index(
        "ix_delivery_due",
        "destination_id",
        "due_at",
        "id",
        postgresql_where=sql("status = 'pending'"),
    ),
    Index("ix_delivery_by_mail", "due_at", postgresql_where=sql("by_mail AND status = 'pending'")),
    Index(
        "ix_delivery_change",
        "destination_id",
        postgresql_where=sql(
            "status = 'pending' AND NOT by_mail "
            "AND purpose IN ('correction', 'deletion', 'withdrawal')"
        ),
    ),
    Index("ix_delivery_leased", "lease_until", postgresql_where=sql("status = 'leased'")),
    Index(
        "ix_delivery_expires",
        "expires_at",
        postgresql_where=sql("status IN ('pending', 'in_doubt')"),
    ),
)

# closed_at: when it could no more be sent again with the same members, name and bytes.
batch = Table(
    "batch",
    METADATA,
    id_column(),
    ref("destination_id", "destination.id"),
    text("name"),
    document("members"),
    raw("body_hash", nullable=True),
    at("created_at"),
    at("closed_at", nullable=True),
    UniqueConstraint("destination_id", "name"),
    Index("ix_batch_open", "destination_id", postgresql_where=sql("closed_at IS NULL")),
)

# Committed before the first byte leaves, closed after; answer_head is sealed as the body is.
attempt = Table(
    "attempt",
    METADATA,
    Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    text("step"),
    ref("batch_id", "batch.id", nullable=True),
    Column("lease_token", Integer, nullable=False),
    at("started_at"),
    at("finished_at", nullable=True),
    text("outcome", nullable=True),
    text("reason", nullable=True),
    Column("code", Integer, nullable=True),
    Column("latency_ms", Integer, nullable=True),
    sealed("answer_head", nullable=True),
    one_of("step", "ping", "post", "token", "send"),
)

# To a student, about their request and sealed under their key; or to somebody on the staff, about
# their account and sealed under its key.
message = Table(
    "message",
    METADATA,
    id_column(),
    ref("request_id", "request.id", nullable=True, index=True),
    ref("staff_id", "staff.id", nullable=True, index=True),
    text("template"),
    text("locale"),
    sealed("recipient"),
    sealed("content"),
    text("status"),
    at("created_at"),
    at("due_at"),
    at("expires_at"),
    at("lease_until", nullable=True),
    Column("lease_token", Integer, nullable=False, server_default="0"),
    Column("claims", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at("settled_at", nullable=True),
    one_of("status", *_STATES),
    Index("ix_message_due", "due_at", postgresql_where=sql("status = 'pending'")),
    Index(
        "ix_message_not_sent",
        "settled_at",
        postgresql_where=sql("status IN ('failed', 'expired', 'poison')"),
    ),
)

# Raw first, parsed after: the row stands even when nothing in it could be read. number: in which
# order a lead's were judged, from 1; ids and moments of one millisecond have none.
disposition = Table(
    "disposition",
    METADATA,
    id_column(),
    ref("lead_id", "lead.id"),
    Column("number", Integer, nullable=True),
    ref("organization_id", "organization.id"),
    ref("api_key_id", "api_key.id", nullable=True),
    at("received_at"),
    sealed("raw"),
    text("status", nullable=True),
    text("reason", nullable=True),
    at("happened_at", nullable=True),
    text("verdict"),
    UniqueConstraint("lead_id", "number"),
    one_of("verdict", *Verdict),
    Index("ix_disposition_organization_id_received_at", "organization_id", "received_at"),
    Index("ix_disposition_received_at", "received_at"),
)
