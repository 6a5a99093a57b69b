"""Port: the ledger of deliveries and attempts."""

from typing import Protocol


class DeliveryStore(Protocol):
    """The ledger of deliveries and attempts."""
