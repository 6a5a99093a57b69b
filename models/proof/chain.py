"""Chains: rows in order, each hashed onto the one before, with signed heads.

A row has public canonical bytes (RFC 8785); ``leaf`` is their SHA-256, and ``link`` the SHA-256 of
the link before and the leaf, so that no row can be changed, left out, added or moved without
changing every link after it. Heads are links that were signed (Ed25519). The keys that sign are
rows of the chain themselves; each new one is endorsed by the one before.

Nothing but Python's own library: these files lie in each dispute pack too, to be checked there.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = "schoolmatch-chain-1"
_MOST_PROBLEMS = 20
# Whether a public key (32 bytes) made a signature (64 bytes) of a message.
Check = Callable[[bytes, bytes, bytes], bool]
Document = Mapping[str, Any]


def canonical_json(value: Any) -> bytes:
    """Write JSON in one form only (RFC 8785, for values without floats)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unhex(text: str) -> bytes:
    """Read bytes written in hex, in the one form that there is: capitals would say the same.

    Raises:
        ValueError: when the text has another form.
    """
    read = bytes.fromhex(text)
    if read.hex() != text:
        raise ValueError(f"{text[:8]}… is not hex as it is written here")
    return read


def genesis(chain: str) -> bytes:
    """Return the link before the first row."""
    return hashlib.sha256(f"{FORMAT}:{chain}".encode()).digest()


def leaf(row: Document) -> bytes:
    """Hash a row's public canonical bytes."""
    return hashlib.sha256(canonical_json(row)).digest()


def link(before: bytes, row_leaf: bytes) -> bytes:
    """Hash a row onto the link before it."""
    return hashlib.sha256(b"link\0" + before + row_leaf).digest()


def head_message(chain: str, sequence: int, head: bytes) -> bytes:
    """Write what is signed of a head."""
    return canonical_json(
        {"chain": chain, "format": FORMAT, "hash": head.hex(), "sequence": sequence}
    )


@dataclass
class Report:
    """What a check found; it holds where there are no ``problems``."""

    chain: str = ""
    sealed: int = 0
    unsealed: int = 0
    heads: int = 0
    keys: list[str] = field(default_factory=list)
    sequence: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def wrong(self, text: str) -> None:
        """Note a problem; the first ones are enough."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(text)


class ChainCheck:
    """Follows one chain, row by row.

    Args:
        chain: ``consent`` or ``audit``.
        report: where findings go.
        check: checks a signature.
        witness: a head that was noted before, as its sequence and link, which must be there.
    """

    def __init__(
        self, chain: str, report: Report, check: Check, witness: tuple[int, str] | None = None
    ) -> None:
        self._report, self._check = report, check
        self._chain, self._witness = chain, witness
        self._sequence, self._link = 0, genesis(chain)
        # Each key, and whether the one before endorsed it.
        self._keys: list[tuple[bytes, bool]] = []
        self._signed = True
        report.chain = chain

    def entry(self, said: Document) -> None:
        """Take the next row: its document, link, and signatures where it is a head."""
        report, row = self._report, said["row"]
        self._sequence += 1
        if row["sequence"] != self._sequence:
            report.wrong(f"row {self._sequence} is missing: {row['sequence']} stands in its place")
            self._sequence = row["sequence"]
        self._link = link(self._link, leaf(row))
        if self._link.hex() != said["hash"]:
            report.wrong(
                f"row {self._sequence} was changed, or one before it is not the one it was"
            )
            self._link = unhex(said["hash"])
        if row["kind"] == "key":
            self._new_key(said)
        self._signed = "signature" in said
        if self._signed:
            self._head(said["signature"])
        if self._witness is not None and self._witness[0] == self._sequence:
            if self._witness[1] != self._link.hex():
                report.wrong(f"row {self._sequence} is not the head that was noted")
            self._witness = None
        report.sealed += 1
        report.sequence, report.head = self._sequence, self._link.hex()

    def end(self, trusted: bytes | None) -> None:
        """Make sure that the last row is a head, by keys that follow from the trusted one."""
        if not self._signed:
            self._report.wrong(
                f"row {self._sequence} is the last, and not signed: rows are missing"
            )
        if self._witness is not None:
            self._report.wrong(f"row {self._witness[0]} was noted as a head, and is missing")
        publics = [public for public, _ in self._keys]
        self._report.keys = [public.hex() for public in publics]
        if trusted is None or not self._sequence:
            return
        if trusted not in publics:
            self._report.wrong("the key given signs nothing of this chain")
            return
        for public, endorsed in self._keys[publics.index(trusted) + 1 :]:
            if not endorsed:
                self._report.wrong(f"key {public.hex()} has not the word of the key before it")

    @property
    def newest_key(self) -> bytes | None:
        """The key that signs now."""
        return self._keys[-1][0] if self._keys else None

    def _new_key(self, said: Document) -> None:
        public = unhex(said["row"]["public_key"])
        endorsed = False
        if "endorsement" in said and self._keys:
            endorsed = self._signs(self._keys[-1][0], said["endorsement"])
            if not endorsed:
                self._report.wrong(f"the endorsement of the key in row {self._sequence} is wrong")
        self._keys.append((public, endorsed))

    def _head(self, signature: str) -> None:
        self._report.heads += 1
        if self.newest_key is None or not self._signs(self.newest_key, signature):
            self._report.wrong(f"the signature of row {self._sequence} is wrong")

    def _signs(self, public: bytes, signature: str) -> bool:
        message = head_message(self._chain, self._sequence, self._link)
        return self._check(public, message, unhex(signature))
