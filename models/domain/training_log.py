"""What the log tells training: pages as served and what visitors did; no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.slates import EventKind


@dataclass(frozen=True, slots=True)
class LoggedPage:
    """A page of a slate as served; ``listings`` as ``models.domain.slates.PageRecord`` has them."""

    slate_id: UUID
    created_at: datetime
    simulated: bool
    catalog_version: str
    ranker_version: str
    page: int
    listings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One thing that happened to a position of a slate, wherever it was kept."""

    slate_id: UUID
    kind: EventKind
    position: int
