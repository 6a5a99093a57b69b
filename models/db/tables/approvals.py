"""What schools say of themselves, and what operators decided; words never change."""

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, Integer, Table, Text
from sqlalchemy import text as sql

from models.db.tables.base import METADATA, at, id_column, one_of, ref, text

# cip: the field whose programs it is about; none: all of the school's. words: a statement, or a
# badge's code. flags: claims in it that need a look.
highlight = Table(
    "highlight",
    METADATA,
    id_column(),
    ref("organization_id", "organization.id", index=True),
    Column("unitid", Integer, nullable=False),
    text("cip", nullable=True),
    text("kind"),
    text("words"),
    Column("flags", ARRAY(Text), nullable=False, server_default="{}"),
    text("status"),
    at("created_at"),
    text("created_by"),
    ref("replaces", "highlight.id", nullable=True),
    one_of("kind", "statement", "badge"),
    one_of("status", "pending", "approved", "declined", "replaced", "taken_down"),
    Index(
        "ix_highlight_open",
        "unitid",
        sql("coalesce(cip, '')"),
        "words",
        unique=True,
        postgresql_where=sql("status IN ('pending', 'approved')"),
    ),
)

# number: the order, as ids of one millisecond have none. subject: a shown id, or "version locale"
# of texts. what: the words that were decided on. fingerprint: of texts, as they were read.
decision = Table(
    "decision",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    at("at"),
    text("kind"),
    text("subject"),
    text("what"),
    text("verdict"),
    text("actor_kind"),
    text("actor"),
    text("reason"),
    text("fingerprint"),
    ref("organization_id", "organization.id", nullable=True),
    one_of("kind", "claim", "highlight", "texts"),
    one_of("verdict", "approved", "declined", "taken_down"),
    one_of("actor_kind", "staff", "api_key", "command", "system"),
    Index("ix_decision_kind_subject", "kind", "subject", "number"),
)
