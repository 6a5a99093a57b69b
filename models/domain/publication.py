"""Which catalog and which ranker serve: an append-only list, the newest of a kind counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["catalog", "ranker"]


@dataclass(frozen=True, slots=True)
class Publication:
    """One row of the list: who put which version in service, when and why."""

    kind: Kind
    version: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CatalogRecord:
    """A catalog we know of, published or not."""

    version: str
    manifest: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RankerRecord:
    """A ranker we know of; ``provenance`` is ``prior``, ``simulated`` or ``learned``."""

    version: str
    provenance: str
    card: Mapping[str, Any]
    created_at: datetime


def may_serve(provenance: str, *, production: bool) -> bool:
    """Tell whether a ranker may be put in service: simulated visitors teach no real service."""
    return not (production and provenance == "simulated")


def previous_version(history: tuple[Publication, ...]) -> str | None:
    """Find what served before the version that serves now, in a history newest first."""
    return next((row.version for row in history[1:] if row.version != history[0].version), None)
