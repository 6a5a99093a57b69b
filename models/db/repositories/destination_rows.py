"""Rows of destinations: how they are read, and what values they become."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from models.db.tables.campaigns import destination, destination_school, destination_version
from models.db.tables.organizations import organization, organization_school
from models.domain.destination import Destination, DestinationStatus, Pace

_ACTIVE_AND_TESTED = (
    destination.c.status == DestinationStatus.ACTIVE.value,
    destination.c.tested_at.is_not(None),
)


def paced(pace: Pace | None) -> dict[str, int | None]:
    """Lay a pace out as columns of ``destination_state``."""
    if pace is None:
        return {"pace_posts": None, "pace_seconds": None}
    return {
        "pace_posts": pace.posts,
        "pace_seconds": pace.seconds,
        "inflight_limit": min(pace.at_once, pace.posts),
    }


def current() -> Select[Any]:
    """Destinations with their current version, organization and schools."""
    version = destination_version.c
    schools = (
        select(func.array_agg(destination_school.c.unitid))
        .where(destination_school.c.destination_id == destination.c.id)
        .scalar_subquery()
    )
    return (
        select(
            destination,
            version.id.label("version_id"),
            version.settings,
            version.secrets,
            organization.c.name.label("organization_name"),
            organization.c.fictional,
            schools.label("unitids"),
        )
        .join(organization, organization.c.id == destination.c.organization_id)
        .join(
            destination_version,
            (version.destination_id == destination.c.id)
            & (version.version == destination.c.version),
        )
    )


def lock(connection: Connection, destination_id: UUID) -> None:
    """Lock a destination until the end of the transaction, before it is read.

    Who reads and locks at once, and waits for somebody's change, is left with nothing: the row that
    comes free names a version that what was read did not have.
    """
    query = select(destination.c.id).where(destination.c.id == destination_id)
    connection.execute(query.with_for_update())


def to_destination(row: Row[Any]) -> Destination:
    """Make the value of a row."""
    return Destination(
        id=row.id,
        organization_id=row.organization_id,
        organization_name=row.organization_name,
        fictional=row.fictional,
        name=row.name,
        kind=row.kind,
        status=DestinationStatus(row.status),
        version=row.version,
        settings=row.settings,
        unitids=tuple(sorted(row.unitids or ())),
        tested_at=row.tested_at,
    )


def taking_schools() -> Select[Any]:
    """Schools with an active, tested destination of the organization that owns them."""
    school = organization_school.c
    return (
        select(
            school.unitid,
            school.organization_id,
            school.takes_organic,
            school.intake,
            organization.c.name,
            organization.c.fictional,
        )
        .join(organization, organization.c.id == school.organization_id)
        .join(destination_school, destination_school.c.unitid == school.unitid)
        .join(
            destination,
            (destination.c.id == destination_school.c.destination_id)
            & (destination.c.organization_id == school.organization_id),
        )
        .where(*_ACTIVE_AND_TESTED)
        .distinct()
    )
