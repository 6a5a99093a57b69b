"""What the log tells training: pages as served and what visitors did; no personal data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.log_form import HERE
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
    """One thing that happened to a position of a slate, wherever it was kept, the first time."""

    slate_id: UUID
    kind: EventKind
    position: int
    at: datetime


def listing_rows(page: LoggedPage, features: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Write a page as rows of ``models.domain.log_form``.

    Args:
        page: the page as served.
        features: by ranker, the hash of the declarations that its codes are of.
    """
    of_page = {
        "slate_id": page.slate_id,
        "served_at": page.created_at,
        "origin": HERE,
        "simulated": page.simulated,
        "catalog_version": page.catalog_version,
        "ranker_version": page.ranker_version,
        "features": features.get(page.ranker_version, ""),
        "explore_share": 0.0,
        "explored": False,
        "draw_propensity": 1.0,
        "page": page.page,
    }
    for listing in page.listings:
        version = listing["campaign_version_id"]
        yield {
            "plain_position": listing["organic_position"],
            "request": None,
            **listing,
            **of_page,
            "campaign_version_id": UUID(version) if version else None,
        }


def event_row(event: LoggedEvent) -> Mapping[str, Any]:
    """Write an event as a row of ``models.domain.log_form``."""
    return {
        "slate_id": event.slate_id,
        "position": event.position,
        "kind": event.kind.value,
        "at": event.at,
    }
