"""Port: chains of consents and audit rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from models.domain.chain import Chain, Commitments, Sealed, SigningKey, Tip, Unsealed


class ChainStore(Protocol):
    """Keeps the order in which rows were sealed, and tells it."""

    def turn(self, chain: Chain) -> bool:
        """Take the turn to seal until the transaction ends; False while somebody else has it."""
        ...

    def tip(self, chain: Chain) -> Tip:
        """Return where a chain ends now."""
        ...

    def unsealed(self, chain: Chain, most: int) -> Sequence[Unsealed]:
        """List rows without a place, at most so many."""
        ...

    def add_key(self, chain: Chain, key: SigningKey, at: datetime) -> None:
        """Keep a row that says which key signs."""
        ...

    def keep(self, chain: Chain, rows: Sequence[Sealed]) -> None:
        """Give rows their places."""
        ...

    def lines(self, chain: Chain) -> Iterator[Mapping[str, Any]]:
        """Tell a chain, a row a line as an export holds it, then what has no place yet.

        All of it as it is at one moment: call it first in a transaction.
        """
        ...

    def commitments(self) -> Commitments:
        """Open every consent that opens, and compare it with its commitment."""
        ...
