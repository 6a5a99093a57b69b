"""Knows which catalog is published and which ranker is champion."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from models.db.crypto import Keyring
from models.db.tables.searches import catalog_version, challenge, publication, ranker
from models.domain.challenge import Challenge, Stage
from models.domain.errors import NotFoundError
from models.domain.publication import CatalogRecord, Kind, Publication, RankerRecord

_KNOWN = {"catalog": catalog_version, "ranker": ranker}


class PublicationRepository:
    """Knows which catalog is published and which ranker is champion."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def current(self) -> dict[str, str | None]:
        """Give the version of each kind that serves now; None before the first."""
        newest = select(func.max(publication.c.id)).group_by(publication.c.kind)
        query = select(publication.c.kind, publication.c.version).where(
            publication.c.id.in_(newest)
        )
        found = {row.kind: row.version for row in self._connection.execute(query)}
        return {kind: found.get(kind) for kind in _KNOWN}

    def publish(self, kind: Kind, version: str, by: str, reason: str, at: datetime) -> None:
        """Put a version in service; rolling back is publishing an older one.

        Raises:
            NotFoundError: when no such version was added.
        """
        # One publisher of a kind at a time: ids then follow the order of commits.
        self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"pub:{kind}"))))
        known = _KNOWN[kind]
        if self._connection.scalar(select(known.c.id).where(known.c.id == version)) is None:
            raise NotFoundError(f"there is no {kind} {version}")
        row = {"kind": kind, "version": version, "by": by, "reason": reason, "at": at}
        self._connection.execute(publication.insert().values(row))

    def challenge(self) -> Challenge | None:
        """Give the newest row of the challenger's history; None before the first."""
        newest = select(challenge).order_by(challenge.c.id.desc()).limit(1)
        row = self._connection.execute(newest).one_or_none()
        if row is None:
            return None
        return Challenge(row.version, Stage(row.stage), row.share, row.at, row.by, row.reason)

    def set_challenge(self, row: Challenge) -> None:
        """Add a row to the challenger's history.

        Raises:
            NotFoundError: when no such ranker was added.
        """
        # One at a time, as with publications.
        self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("challenge"))))
        if self.ranker(row.version) is None:
            raise NotFoundError(f"there is no ranker {row.version}")
        self._connection.execute(challenge.insert().values(asdict(row)))

    def add_catalog(self, version: str, manifest: Mapping[str, Any], at: datetime) -> None:
        """Make a built catalog known; adding it again changes nothing."""
        row = {"id": version, "manifest": dict(manifest), "created_at": at}
        self._connection.execute(insert(catalog_version).values(row).on_conflict_do_nothing())

    def add_ranker(
        self, version: str, provenance: str, card: Mapping[str, Any], at: datetime
    ) -> None:
        """Make a trained ranker known; adding it again keeps its newest card."""
        row = {"id": version, "provenance": provenance, "card": dict(card), "created_at": at}
        added = insert(ranker).values(row)
        newest = added.on_conflict_do_update(index_elements=["id"], set_={"card": dict(card)})
        self._connection.execute(newest)

    def history(self, kind: Kind) -> tuple[Publication, ...]:
        """Give every publication of a kind, newest first."""
        query = (
            select(publication).where(publication.c.kind == kind).order_by(publication.c.id.desc())
        )
        return tuple(
            Publication(kind, row.version, row.at, row.by, row.reason)
            for row in self._connection.execute(query)
        )

    def catalogs(self) -> tuple[CatalogRecord, ...]:
        """Give the catalogs we know of, newest first."""
        query = select(catalog_version).order_by(catalog_version.c.created_at.desc())
        return tuple(
            CatalogRecord(row.id, row.manifest, row.created_at)
            for row in self._connection.execute(query)
        )

    def rankers(self) -> tuple[RankerRecord, ...]:
        """Give the rankers we know of, newest first."""
        query = select(ranker).order_by(ranker.c.created_at.desc())
        return tuple(
            RankerRecord(row.id, row.provenance, row.card, row.created_at)
            for row in self._connection.execute(query)
        )

    def ranker(self, version: str) -> RankerRecord | None:
        """Find a ranker by its version."""
        row = self._connection.execute(select(ranker).where(ranker.c.id == version)).one_or_none()
        if row is None:
            return None
        return RankerRecord(row.id, row.provenance, row.card, row.created_at)
