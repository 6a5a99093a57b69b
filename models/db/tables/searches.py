"""What was asked and what was shown: searches, slates, their pages and events; by month.

Partitioned by ``created_at`` so that retention is a DROP; a slate that a request refers to is
copied to the request, so dropping a month never breaks a kept promise. Versions of catalog and
ranker that a kept slate names are never deleted.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from models.db.tables.base import METADATA, at, document, one_of, text

_BY_MONTH = "RANGE (created_at)"


def _dated() -> Column[object]:
    return Column("created_at", TIMESTAMP(timezone=True), primary_key=True)


def _uuid(name: str, *, nullable: bool = False, primary: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=primary)


# answers: the checked answers, no personal data. simulated: asked by the simulator, by nobody real.
search = Table(
    "search",
    METADATA,
    _uuid("id", primary=True),
    _dated(),
    text("locale"),
    text("jurisdiction"),
    _uuid("publisher_id", nullable=True),
    text("landing_page", nullable=True),
    text("creative", nullable=True),
    document("answers"),
    Column("simulated", Boolean, nullable=False, server_default="false"),
    postgresql_partition_by=_BY_MONTH,
)

# offers: [{version_id, pacing, open}] of the campaigns that could stand on this slate. explored:
# chance drew its order; draw_propensity: how likely that order was.
slate = Table(
    "slate",
    METADATA,
    _uuid("id", primary=True),
    _dated(),
    _uuid("search_id"),
    text("catalog_version"),
    text("ranker_version"),
    Column("seed", BigInteger, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("steering_index", Float, nullable=False),
    document("offers"),
    Column("explore_share", Float, nullable=False, server_default="0"),
    Column("explore_seed", BigInteger, nullable=False, server_default="0"),
    Column("explored", Boolean, nullable=False, server_default="false"),
    Column("draw_propensity", Float, nullable=False, server_default="1"),
    postgresql_partition_by=_BY_MONTH,
)

# Each of listings holds position, organic_position, program_id, campaign_version_id, score, codes
# and propensity, as served.
slate_page = Table(
    "slate_page",
    METADATA,
    _uuid("slate_id", primary=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    _dated(),
    document("listings"),
    postgresql_partition_by=_BY_MONTH,
)

# request and its answers are simulated outcomes: real ones are requests and dispositions.
event = Table(
    "event",
    METADATA,
    _uuid("id", primary=True),
    _dated(),
    _uuid("slate_id"),
    text("kind"),
    text("listing_id"),
    Column("position", Integer, nullable=False),
    one_of("kind", "impression", "click", "request_started", "request", "accepted", "rejected"),
    Index("ix_event_slate_id", "slate_id"),
    postgresql_partition_by=_BY_MONTH,
)

catalog_version = Table(
    "catalog_version",
    METADATA,
    Column("id", Text, primary_key=True),
    at("created_at"),
    document("manifest"),
)

ranker = Table(
    "ranker",
    METADATA,
    Column("id", Text, primary_key=True),
    at("created_at"),
    text("provenance"),
    document("card"),
    one_of("provenance", "prior", "simulated", "learned"),
)

# Append-only: the newest row of a kind is what serves; rolling back adds a row.
publication = Table(
    "publication",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    text("kind"),
    text("version"),
    at("at"),
    text("by"),
    text("reason"),
    one_of("kind", "catalog", "ranker"),
    Index("ix_publication_kind_id", "kind", "id"),
)

# Append-only: the newest row says what challenges; ``candidate``: it was stopped or promoted.
challenge = Table(
    "challenge",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    text("version"),
    text("stage"),
    Column("share", Float, nullable=False),
    at("at"),
    text("by"),
    text("reason"),
    one_of("stage", "candidate", "shadow", "canary"),
)
