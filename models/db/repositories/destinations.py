"""Keeps destinations, their versioned settings, secrets and state."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, text, update

from models.db.crypto import Keyring
from models.db.repositories import arrays
from models.db.repositories.configured import open_secrets, organization_data_key
from models.db.repositories.destination_rows import (
    current,
    lock,
    paced,
    taking_schools,
    to_destination,
)
from models.db.repositories.history import HistoryRepository
from models.db.repositories.intake import read_intakes, set_intake
from models.db.tables.campaigns import (
    destination,
    destination_school,
    destination_state,
    destination_version,
)
from models.db.tables.organizations import organization_school
from models.domain.destination import (
    Destination,
    DestinationConfig,
    DestinationStatus,
    NewDestination,
    Pace,
    TakesRequests,
    check_transition,
)
from models.domain.errors import NotFoundError
from models.domain.history import Configured, Subject
from models.domain.ids import Prefix, new_id, show
from models.domain.intake import Intake, OpenSchool, read_intake


class DestinationRepository:
    """Keeps destinations, their versioned settings, secrets and state."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._history = history

    def create(self, organization_id: UUID, new: NewDestination, *, by: str, now: datetime) -> UUID:
        """Add a destination as a draft, for schools its organization owns."""
        destination_id = new_id(now)
        self._touch(destination_id)
        self._connection.execute(
            insert(destination).values(
                id=destination_id,
                organization_id=organization_id,
                name=new.name,
                kind=new.kind,
                status=DestinationStatus.DRAFT.value,
                version=1,
                created_at=now,
            )
        )
        self._connection.execute(
            insert(destination_state).values(
                destination_id=destination_id, breaker="closed", **paced(new.pace)
            )
        )
        for unitid in new.unitids:
            self._connection.execute(
                insert(destination_school).values(destination_id=destination_id, unitid=unitid)
            )
        place = (destination_id, organization_id, 1)
        self._add_version(place, new.settings, new.secrets, by=by, now=now)
        return destination_id

    def all(self) -> tuple[Destination, ...]:
        """List every destination, oldest first."""
        rows = self._connection.execute(current().order_by(destination.c.id))
        return tuple(map(to_destination, rows))

    def of(self, organization_id: UUID) -> tuple[Destination, ...]:
        """List an organization's destinations, oldest first; those that were removed are not."""
        owned = current().where(
            destination.c.organization_id == organization_id,
            destination.c.status != DestinationStatus.REMOVED.value,
        )
        return tuple(
            map(to_destination, self._connection.execute(owned.order_by(destination.c.id)))
        )

    def get(self, destination_id: UUID) -> Destination:
        """Return one destination, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        return to_destination(self._row(destination_id, locked=True))

    def change(
        self,
        destination_id: UUID,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        by: str,
        now: datetime,
    ) -> UUID:
        """Make a new version the current one; it takes no new requests until it is tested."""
        row = self._row(destination_id, locked=True)
        self._touch(destination_id)
        place = (destination_id, row.organization_id, row.version + 1)
        version_id = self._add_version(place, settings, secrets, by=by, now=now)
        self._set(destination_id, version=row.version + 1, tested_at=None)
        return version_id

    def set_pace(self, destination_id: UUID, pace: Pace | None) -> None:
        """Say how much a destination's system takes; None: as much as we like."""
        self._connection.execute(
            update(destination_state)
            .where(destination_state.c.destination_id == destination_id)
            .values(**paced(pace))
        )

    def set_status(self, destination_id: UUID, status: DestinationStatus) -> None:
        """Move a destination along its transition table.

        Raises:
            TransitionError: when the table does not allow it.
        """
        check_transition(self.get(destination_id).status, status)
        self._touch(destination_id)
        self._set(destination_id, status=status.value)

    def mark_tested(self, destination_id: UUID, at: datetime) -> None:
        """Note that a test reached the receiver with the current version."""
        self._set(destination_id, tested_at=at)

    def test_arrived(self, destination_id: UUID, version_id: UUID, at: datetime) -> None:
        """Note that a test arrived with that version, unless another is current by now.

        A draft becomes active by it; what was paused or disabled stays so.
        """
        row = self._row(destination_id, locked=True)
        if row.version_id != version_id:
            return
        self.mark_tested(destination_id, at)
        if row.status == DestinationStatus.DRAFT:
            self.set_status(destination_id, DestinationStatus.ACTIVE)

    def taking_requests(self) -> Mapping[int, TakesRequests]:
        """List the schools, by unitid, with an active, tested destination."""
        return {
            row.unitid: TakesRequests(
                row.organization_id,
                row.name,
                organic=row.takes_organic,
                fictional=row.fictional,
                questions=read_intake(row.intake).questions,
            )
            for row in self._connection.execute(taking_schools())
        }

    def for_delivery(self, destination_id: UUID) -> DestinationConfig:
        """Return what sending needs, secrets opened.

        Raises:
            NotFoundError: when there is none.
        """
        row = self._row(destination_id, locked=False)
        return DestinationConfig(
            id=destination_id,
            organization_id=row.organization_id,
            kind=row.kind,
            version_id=row.version_id,
            settings=row.settings,
            secrets=open_secrets(self._connection, self._keyring, row),
            status=DestinationStatus(row.status),
        )

    def secrets_of(self, destination_id: UUID, version: int) -> Mapping[str, Any]:
        """Open the secrets of one of a destination's versions; none where there is no such."""
        row = self._connection.execute(_SECRETS, {"id": destination_id, "version": version})
        found = row.one_or_none()
        return {} if found is None else open_secrets(self._connection, self._keyring, found)

    def current_versions(
        self, destination_ids: Collection[UUID]
    ) -> dict[UUID, tuple[UUID, DestinationStatus]]:
        """Return each destination's current version and status."""
        rows = self._connection.execute(_VERSIONS, {"ids": list(destination_ids)})
        return {row.id: (row.version_id, DestinationStatus(row.status)) for row in rows}

    def open_schools(self, unitids: Collection[int]) -> dict[int, OpenSchool]:
        """Tell how schools take leads now, by unitid; one that nobody owns is left out."""
        rows = self._connection.execute(_OPEN_SCHOOLS, {"unitids": arrays.numbers(unitids)})
        return {row.unitid: OpenSchool(read_intake(row.intake), tuple(row.open_to)) for row in rows}

    def intake(self, unitid: int) -> Intake:
        """Tell how a school takes leads, locked until the end of the transaction."""
        school = organization_school.c.unitid
        self._connection.execute(select(school).where(school == unitid).with_for_update())
        return read_intakes(self._connection, [unitid]).get(unitid, Intake())

    def set_intake(self, unitid: int, intake: Intake) -> None:
        """Change how a school takes leads, from now on."""
        self._history.touch(Subject(Configured.SCHOOL, unitid))
        set_intake(self._connection, unitid, json.dumps(intake.document()))

    def serving(self, unitid: int) -> list[UUID]:
        """List the destinations of a school, whatever their state."""
        query = (
            select(destination_school.c.destination_id)
            .join(destination, destination.c.id == destination_school.c.destination_id)
            .where(
                destination_school.c.unitid == unitid,
                destination.c.status != DestinationStatus.REMOVED.value,
            )
        )
        return list(self._connection.scalars(query))

    def _row(self, destination_id: UUID, *, locked: bool) -> Row[Any]:
        if locked:
            lock(self._connection, destination_id)
        query = current().where(destination.c.id == destination_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            shown = show(Prefix.DESTINATION, destination_id)
            raise NotFoundError(f"there is no destination {shown}")
        return row

    def _add_version(
        self,
        place: tuple[UUID, UUID, int],
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        by: str,
        now: datetime,
    ) -> UUID:
        destination_id, organization_id, number = place
        version_id = new_id(now)
        key = organization_data_key(self._connection, self._keyring, organization_id)
        plain = json.dumps(dict(secrets)).encode()
        self._connection.execute(
            insert(destination_version).values(
                id=version_id,
                destination_id=destination_id,
                version=number,
                settings=dict(settings),
                secrets=key.seal(plain, "destination_version", "secrets", version_id),
                created_at=now,
                created_by=by,
            )
        )
        return version_id

    def _touch(self, destination_id: UUID) -> None:
        self._history.touch(Subject(Configured.DESTINATION, destination_id))

    def _set(self, destination_id: UUID, **values: object) -> None:
        self._connection.execute(
            update(destination).where(destination.c.id == destination_id).values(**values)
        )


_SECRETS = text("""
    SELECT d.organization_id, v.id AS version_id, v.secrets FROM destination_version v
    JOIN destination d ON d.id = v.destination_id
    WHERE d.id = :id AND v.version = :version
""")
_VERSIONS = text("""
    SELECT d.id, d.status, v.id AS version_id FROM destination d
    JOIN destination_version v ON v.destination_id = d.id AND v.version = d.version
    WHERE d.id = ANY(CAST(:ids AS uuid[]))
""")
# A school that went to another organization no longer sends its leads to the old one. The array is
# selected, so that one plan serves any number of schools: to plan took longer than to read.
_OPEN_SCHOOLS = text("""
    SELECT s.unitid, s.intake, ARRAY(
      SELECT d.id FROM destination_school e JOIN destination d ON d.id = e.destination_id
      WHERE e.unitid = s.unitid AND d.organization_id = s.organization_id
        AND d.status = 'active' AND d.tested_at IS NOT NULL
      ORDER BY d.id) AS open_to
    FROM organization_school s
    WHERE s.unitid = ANY(ARRAY(SELECT unnest(CAST(:unitids AS integer[]))))
""")
