"""Port: knows which catalog is published and which ranker is champion."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from models.domain.challenge import Challenge
from models.domain.publication import CatalogRecord, Kind, Publication, RankerRecord


class PublicationStore(Protocol):
    """Knows which catalog is published and which ranker is champion."""

    def current(self) -> dict[str, str | None]:
        """Give the version of each kind that serves now; None before the first."""
        ...

    def publish(self, kind: Kind, version: str, by: str, reason: str, at: datetime) -> None:
        """Put a version in service; rolling back is publishing an older one.

        Raises:
            NotFoundError: when no such version was added.
        """
        ...

    def challenge(self) -> Challenge | None:
        """Give the newest row of the challenger's history; None before the first."""
        ...

    def set_challenge(self, row: Challenge) -> None:
        """Add a row to the challenger's history.

        Raises:
            NotFoundError: when no such ranker was added.
        """
        ...

    def add_catalog(self, version: str, manifest: Mapping[str, Any], at: datetime) -> None:
        """Make a built catalog known; adding it again changes nothing."""
        ...

    def add_ranker(
        self, version: str, provenance: str, card: Mapping[str, Any], at: datetime
    ) -> None:
        """Make a trained ranker known; adding it again keeps its newest card."""
        ...

    def history(self, kind: Kind) -> tuple[Publication, ...]:
        """Give every publication of a kind, newest first."""
        ...

    def catalogs(self) -> tuple[CatalogRecord, ...]:
        """Give the catalogs we know of, newest first."""
        ...

    def rankers(self) -> tuple[RankerRecord, ...]:
        """Give the rankers we know of, newest first."""
        ...

    def ranker(self, version: str) -> RankerRecord | None:
        """Find a ranker by its version."""
        ...
