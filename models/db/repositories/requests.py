"""Keeps requests, leads, consents and the places they hold under caps."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class RequestRepository:
    """Keeps requests, leads, consents and the places they hold under caps."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
