"""What was changed of the configuration: rows are added, and never changed or taken away.

A trigger of the database refuses both (migration 0025).
"""

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, Table, Text, UniqueConstraint

from models.db.tables.base import METADATA, at, document, id_column, one_of, ref, text

# number: the order, as ids of one millisecond have none. subject: its id as people read it. before
# and after: documents without secrets; secrets: the names of those that changed.
configuration_change = Table(
    "configuration_change",
    METADATA,
    id_column(),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    at("at"),
    text("actor_kind"),
    text("actor"),
    text("action"),
    ref("organization_id", "organization.id"),
    text("kind"),
    text("subject"),
    document("before", nullable=True),
    document("after", nullable=True),
    Column("secrets", ARRAY(Text), nullable=False, server_default="{}"),
    ref("takes_back", "configuration_change.id", nullable=True),
    one_of("actor_kind", "staff", "api_key", "command", "system"),
    UniqueConstraint("number"),
    Index("ix_configuration_change_organization_id", "organization_id", "number"),
    Index("ix_configuration_change_subject", "subject"),
)
