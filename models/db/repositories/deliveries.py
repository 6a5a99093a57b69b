"""The ledger of deliveries and attempts."""

from sqlalchemy import Connection

from models.db.crypto import Keyring


class DeliveryRepository:
    """The ledger of deliveries and attempts."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
