"""The form in which logs are written down, to be learned from here or elsewhere (docs/events.md).

Two tables: what stood on pages (``LISTINGS``) and what came of it (``EVENTS``). No column holds
anything personal: no answer that a student typed, no address, no name, no id of a person.
"""

from dataclasses import dataclass
from datetime import datetime

from models.domain.lead import DispositionStatus

FORM = "schoolmatch-log"
MANIFEST = "manifest.json"
FORM_VERSION = 1
# The ``origin`` of what was served here; imported logs carry the name they were given.
HERE = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``type`` in DuckDB's words, ``nullable`` when a row may lack it."""

    name: str
    type: str
    nullable: bool = False


LISTINGS = (
    Column("slate_id", "UUID"),
    Column("served_at", "TIMESTAMP WITH TIME ZONE"),
    Column("origin", "VARCHAR"),
    Column("simulated", "BOOLEAN"),
    Column("catalog_version", "VARCHAR"),
    Column("ranker_version", "VARCHAR"),
    Column("features", "VARCHAR"),
    Column("explore_share", "DOUBLE"),
    Column("explored", "BOOLEAN"),
    Column("draw_propensity", "DOUBLE"),
    Column("page", "INTEGER"),
    Column("position", "INTEGER"),
    Column("organic_position", "INTEGER"),
    Column("plain_position", "INTEGER"),
    Column("program_id", "VARCHAR"),
    Column("campaign_version_id", "UUID", nullable=True),
    Column("score", "INTEGER"),
    Column("codes", "UTINYINT[]"),
    Column("propensity", "DOUBLE"),
    Column("request", "VARCHAR", nullable=True),
)

EVENTS = (
    Column("slate_id", "UUID"),
    Column("position", "INTEGER"),
    Column("kind", "VARCHAR"),
    Column("at", "TIMESTAMP WITH TIME ZONE"),
)

TABLES = {"listings": LISTINGS, "events": EVENTS}

# What may happen to a place: told by pages, seen by us, done by us, said by schools.
KINDS = (
    "impression",
    "click",
    "request_started",
    "request",
    "delivered",
    *(status.value for status in DispositionStatus),
)


@dataclass(frozen=True, slots=True)
class LogWindow:
    """Which slates of a log: drawn from ``since`` on and before ``until``, of real students only.

    What happened to them belongs to it whenever it happened; None is from the first, to the last.
    """

    since: datetime | None = None
    until: datetime | None = None
    real_only: bool = False
