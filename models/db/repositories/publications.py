"""Knows which catalog is published and which ranker is champion."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class PublicationRepository:
    """Knows which catalog is published and which ranker is champion."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
