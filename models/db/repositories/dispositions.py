"""Keeps what schools say happened to their leads."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class DispositionRepository:
    """Keeps what schools say happened to their leads."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
