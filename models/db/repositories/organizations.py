"""Keeps organizations, the schools they own and their API keys."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class OrganizationRepository:
    """Keeps organizations, the schools they own and their API keys."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
