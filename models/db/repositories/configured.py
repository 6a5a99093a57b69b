"""How what has a history stands now, as documents: one reader for each ``Configured``."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.campaign_rows import current as current_campaigns
from models.db.repositories.campaign_rows import lock as lock_campaign
from models.db.repositories.destination_rows import current as current_destinations
from models.db.repositories.destination_rows import lock as lock_destination
from models.db.tables.approvals import highlight
from models.db.tables.campaigns import campaign, destination
from models.db.tables.organizations import (
    api_key,
    membership,
    organization_key,
    organization_school,
)
from models.db.tables.staff import identity_provider
from models.domain.history import Configured, Snapshot, Subject
from models.domain.ids import Prefix, show
from models.domain.school_id import show_school

_Reader = Callable[[Connection, Keyring, Subject], Snapshot | None]


def read_snapshot(connection: Connection, keyring: Keyring, subject: Subject) -> Snapshot | None:
    """Read how something stands, locked until the end of the transaction; None when it is not."""
    return _READERS[subject.kind](connection, keyring, subject)


def open_secrets(connection: Connection, keyring: Keyring, row: Row[Any]) -> Mapping[str, Any]:
    """Open a destination version's credentials.

    Args:
        connection: where the organization's key is read.
        keyring: unwraps it.
        row: with ``organization_id``, ``version_id`` and ``secrets``.
    """
    if row.secrets is None:
        return {}
    key = organization_data_key(connection, keyring, row.organization_id)
    plain = key.open(row.secrets, "destination_version", "secrets", row.version_id)
    secrets: Mapping[str, Any] = json.loads(plain)
    return secrets


def organization_data_key(
    connection: Connection, keyring: Keyring, organization_id: UUID
) -> DataKey:
    """Open an organization's own key; it protects only its credentials."""
    query = select(organization_key).where(organization_key.c.organization_id == organization_id)
    row = connection.execute(query).one()
    return keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), organization_id)


def _destination(connection: Connection, keyring: Keyring, subject: Subject) -> Snapshot | None:
    lock_destination(connection, UUID(str(subject.id)))
    query = current_destinations().where(destination.c.id == subject.id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    secrets = open_secrets(connection, keyring, row)
    document = {
        "name": row.name,
        "kind": row.kind,
        "status": row.status,
        "schools": [show_school(unitid) for unitid in sorted(row.unitids or ())],
        "settings": row.settings,
        "secrets": sorted(secrets),
        "version": row.version,
    }
    return Snapshot(row.organization_id, show(Prefix.DESTINATION, row.id), document, secrets)


def _campaign(connection: Connection, _: Keyring, subject: Subject) -> Snapshot | None:
    lock_campaign(connection, UUID(str(subject.id)))
    query = current_campaigns().where(campaign.c.id == subject.id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    document = {
        "name": row.name,
        "status": row.status,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "settings": row.settings,
        "version": row.version,
    }
    return Snapshot(row.organization_id, show(Prefix.CAMPAIGN, row.id), document, {})


def _school(connection: Connection, _: Keyring, subject: Subject) -> Snapshot | None:
    query = select(organization_school).where(organization_school.c.unitid == subject.id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    document = {"takes_organic": row.takes_organic, "intake": row.intake}
    return Snapshot(row.organization_id, show_school(row.unitid), document, {})


def _api_key(connection: Connection, _: Keyring, subject: Subject) -> Snapshot | None:
    row = connection.execute(select(api_key).where(api_key.c.id == subject.id)).one_or_none()
    if row is None:
        return None
    document = {
        "name": row.name,
        "scopes": sorted(row.scopes),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "revoked_at": row.revoked_at and row.revoked_at.isoformat(),
    }
    return Snapshot(row.organization_id, show(Prefix.API_KEY, row.id), document, {})


def _role(connection: Connection, _: Keyring, subject: Subject) -> Snapshot | None:
    query = select(membership).where(
        membership.c.staff_id == subject.id, membership.c.organization_id == subject.within
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    return Snapshot(row.organization_id, show(Prefix.STAFF, row.staff_id), {"role": row.role}, {})


def _highlight(connection: Connection, _: Keyring, subject: Subject) -> Snapshot | None:
    query = select(highlight).where(highlight.c.id == subject.id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    document = {
        "words": row.words,
        "kind": row.kind,
        "school": show_school(row.unitid),
        "field": row.cip,
        "status": row.status,
    }
    return Snapshot(row.organization_id, show(Prefix.HIGHLIGHT, row.id), document, {})


def _sign_in(connection: Connection, keyring: Keyring, subject: Subject) -> Snapshot | None:
    table = identity_provider
    query = select(table).where(table.c.organization_id == subject.id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    owner = row.organization_id
    key = organization_data_key(connection, keyring, owner)
    document = {
        "issuer": row.issuer,
        "client_id": row.client_id,
        "promises_second_factor": row.promises_second_factor,
    }
    secret = key.open(row.client_secret, table.name, "client_secret", owner)
    return Snapshot(
        owner, show(Prefix.ORGANIZATION, owner), document, {"client_secret": secret.decode()}
    )


_READERS: Mapping[Configured, _Reader] = {
    Configured.DESTINATION: _destination,
    Configured.CAMPAIGN: _campaign,
    Configured.SCHOOL: _school,
    Configured.API_KEY: _api_key,
    Configured.ROLE: _role,
    Configured.HIGHLIGHT: _highlight,
    Configured.SIGN_IN: _sign_in,
}
