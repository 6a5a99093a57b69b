"""The form in which logs are written down, to be learned from here or elsewhere (docs/events.md).

Two tables: what stood on pages (``LISTINGS``) and what came of it (``EVENTS``). No column holds
anything personal: no answer that a student typed, no address, no name, no id of a person.
"""

from dataclasses import dataclass

FORM = "schoolmatch-log"
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
