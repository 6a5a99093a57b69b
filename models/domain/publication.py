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
    """Find what to go back to, in a history newest first; None: there is nothing before.

    Putting an older version in service again is going back to it, and forgets what came after: so
    each step goes further back, never forward to what an earlier step put away.
    """
    path: list[str] = []
    for row in reversed(history):
        if row.version in path:
            del path[path.index(row.version) :]
        path.append(row.version)
    return path[-2] if len(path) > 1 else None
