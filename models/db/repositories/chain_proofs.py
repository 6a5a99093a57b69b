"""Proofs that rows are in their chain, which tell nothing of the rows beside them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text

from models.db.repositories.chains import key_line, public_consent
from models.db.tables.chains import chain_key
from models.db.tables.requests import consent
from models.domain.chain import Chain
from models.proof.chain import genesis, leaf

_CHAIN = Chain.CONSENT.value
_LINK_AT = text("""
    SELECT chain_hash FROM consent WHERE sequence = :at
    UNION ALL SELECT chain_hash FROM chain_key WHERE chain = 'consent' AND sequence = :at
""")
_NEXT_HEAD = text("""
    SELECT sequence, signature FROM consent WHERE sequence >= :at AND signature IS NOT NULL
    UNION ALL SELECT sequence, signature FROM chain_key WHERE chain = 'consent' AND sequence >= :at
    ORDER BY sequence LIMIT 1
""")


def prove_consents(connection: Connection, lead_id: UUID) -> dict[str, Any]:
    """Write how a lead's consents lead to signed heads.

    Each part is a stretch of the chain from the link before a consent to the next head: the
    lead's own rows as they are, everybody else's as hashes. The keys follow, each with the link
    before it.
    """
    of = select(consent).where(consent.c.lead_id == lead_id).order_by(consent.c.sequence)
    own = connection.execute(of).all()
    sealed = [row.sequence for row in own if row.sequence is not None]
    keys = connection.execute(
        select(chain_key).where(chain_key.c.chain == _CHAIN).order_by(chain_key.c.sequence)
    ).all()
    return {
        "chain": _CHAIN,
        "keys": [_key(connection, row) for row in keys],
        "parts": _parts(connection, sealed, keys),
        "unsealed": [public_consent(row) for row in own if row.sequence is None],
    }


def _parts(
    connection: Connection, sealed: Sequence[int], keys: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    done = 0
    for sequence in sealed:
        if sequence > done:
            head = connection.execute(_NEXT_HEAD, {"at": sequence}).first()
            if head is None:  # somebody took it away: the part ends without a signature that fits
                break
            rows = _between(connection, sequence, head.sequence, keys)
            parts.append(
                {
                    "after": {"sequence": sequence - 1, "hash": _link(connection, sequence - 1)},
                    "links": [_told(rows[at], own=at in sealed) for at in sorted(rows)],
                    "signature": head.signature.hex(),
                }
            )
            done = head.sequence
    return parts


def _between(
    connection: Connection, first: int, last: int, keys: Sequence[Row[Any]]
) -> dict[int, Mapping[str, Any]]:
    query = select(consent).where(consent.c.sequence.between(first, last))
    found = {
        row.sequence: public_consent(row) | {"sequence": row.sequence}
        for row in connection.execute(query)
    }
    return found | {
        key.sequence: key_line(key)["row"] for key in keys if first <= key.sequence <= last
    }


def _told(row: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    return {"row": row} if own else {"leaf": leaf(row).hex()}


def _key(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    return {**key_line(row), "before": _link(connection, row.sequence - 1)}


def _link(connection: Connection, sequence: int) -> str:
    if not sequence:
        return genesis(_CHAIN).hex()
    link: bytes = connection.execute(_LINK_AT, {"at": sequence}).scalar_one()
    return link.hex()
