"""Keeps server-side sessions."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class SessionRepository:
    """Keeps server-side sessions."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
