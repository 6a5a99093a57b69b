"""A chain made in memory, as the sealer makes it, and its export."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from models.domain.chain import Chain, SigningKey, Tip, Unsealed
from models.proof.chain import genesis
from models.proof.export import write_export
from models.proof.signing import Signer
from workers.maintenance.sealing import extend, introduce

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIGNER = Signer("c1", b"c" * 32)
NEWER = Signer("c2", b"d" * 32)


def public_row(n: int, chain: Chain = Chain.CONSENT) -> dict[str, Any]:
    """What is public of a row that a test made up."""
    return {"agreed_at": AT.isoformat(), "commitment": f"{n:064x}", "kind": chain.value, "n": n}


class Made:
    """Rows, sealed batch by batch."""

    def __init__(self, chain: Chain = Chain.CONSENT) -> None:
        self.chain = chain
        self.lines: list[dict[str, Any]] = []
        self.tip = Tip(0, genesis(chain), ())

    def key(self, *signers: Signer) -> None:
        key, self.tip = introduce(self.chain, self.tip, signers, AT)
        self.lines.append(_key_line(key))

    def rows(self, *batches: int, signer: Signer = SIGNER) -> None:
        for many in batches:
            waiting = [Unsealed(uuid4(), public_row(n, self.chain)) for n in range(many)]
            for each, sealed in zip(
                waiting, extend(self.chain, self.tip, waiting, signer), strict=True
            ):
                line: dict[str, Any] = {
                    "hash": sealed.link.hex(),
                    "kind": "row",
                    "row": {**each.public, "sequence": sealed.sequence},
                }
                if sealed.signature:
                    line["signature"] = sealed.signature.hex()
                self.lines.append(line)
                self.tip = Tip(sealed.sequence, sealed.link, self.tip.keys)

    def unsealed(self, many: int) -> None:
        rows = [public_row(n, self.chain) for n in range(many)]
        self.lines += [{"kind": "unsealed", "row": row} for row in rows]

    def export(self, signer: Signer = SIGNER) -> bytes:
        return b"".join(write_export(self.chain, self.lines, signer, AT))


def made(chain: Chain = Chain.CONSENT, batches: Sequence[int] = (3, 2)) -> Made:
    """A chain with a key, some batches, a newer key, another batch, and rows not sealed yet."""
    built = Made(chain)
    built.key(SIGNER)
    built.rows(*batches)
    built.key(NEWER, SIGNER)
    built.rows(2, signer=NEWER)
    built.unsealed(1)
    return built


def _key_line(key: SigningKey) -> dict[str, Any]:
    line: dict[str, Any] = {
        "hash": key.link.hex(),
        "kind": "row",
        "row": dict(key.public_row),
        "signature": key.signature.hex(),
    }
    if key.endorsement is not None:
        line["endorsement"] = key.endorsement.hex()
    return line
