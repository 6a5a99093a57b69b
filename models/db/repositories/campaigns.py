"""Keeps campaigns and their versioned settings."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class CampaignRepository:
    """Keeps campaigns and their versioned settings."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
