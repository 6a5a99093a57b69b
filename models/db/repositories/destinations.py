"""Keeps destinations, their versioned settings, secrets and state."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class DestinationRepository:
    """Keeps destinations, their versioned settings, secrets and state."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
