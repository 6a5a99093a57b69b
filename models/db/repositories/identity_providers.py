"""Keeps organizations' own sign-ins; the secret is sealed under the organization's key."""

from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.history import HistoryRepository
from models.db.tables.organizations import membership, organization_key
from models.db.tables.staff import identity_provider
from models.domain.history import Configured, Subject
from models.domain.identity import IdentityProvider

_TABLE, _SECRET = "identity_provider", "client_secret"


class IdentityProviderRepository:
    """Keeps organizations' own sign-ins."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._history = history

    def get(self, organization_id: UUID) -> IdentityProvider | None:
        """Read an organization's own sign-in."""
        query = select(identity_provider).where(
            identity_provider.c.organization_id == organization_id
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        secret = self._key(organization_id).open(
            row.client_secret, _TABLE, _SECRET, organization_id
        )
        return IdentityProvider(
            organization_id,
            row.issuer,
            row.client_id,
            secret.decode(),
            row.promises_second_factor,
            row.changed_at,
        )

    def set(self, provider: IdentityProvider) -> None:
        """Keep an organization's own sign-in in place of the one before."""
        owner = provider.organization_id
        self._history.touch(Subject(Configured.SIGN_IN, owner))
        secret = self._key(owner).seal(provider.client_secret.encode(), _TABLE, _SECRET, owner)
        values = {
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "client_secret": secret,
            "promises_second_factor": provider.promises_second_factor,
            "changed_at": provider.changed_at,
        }
        before = self.get(owner)
        if before is not None and before.issuer != provider.issuer:
            self._forget_subjects(owner)
        keeping = upsert(identity_provider).values(organization_id=owner, **values)
        self._connection.execute(
            keeping.on_conflict_do_update(index_elements=["organization_id"], set_=values)
        )

    def remove(self, organization_id: UUID) -> bool:
        """Forget an organization's own sign-in, and who its people are to it."""
        self._history.touch(Subject(Configured.SIGN_IN, organization_id))
        self._forget_subjects(organization_id)
        removing = delete(identity_provider).where(
            identity_provider.c.organization_id == organization_id
        )
        return self._connection.execute(removing).rowcount == 1

    def _forget_subjects(self, organization_id: UUID) -> None:
        # A subject means nothing to another issuer.
        theirs = membership.c.organization_id == organization_id
        self._connection.execute(update(membership).where(theirs).values(subject=None))

    def _key(self, owner: UUID) -> DataKey:
        query = select(organization_key).where(organization_key.c.organization_id == owner)
        row = self._connection.execute(query).one()
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), owner)
