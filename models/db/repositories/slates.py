"""Keeps searches, slates and the pages served."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class SlateRepository:
    """Keeps searches, slates and the pages served."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
