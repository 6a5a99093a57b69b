"""Chains of consents and audit rows: the order in which they were sealed, and what proves it."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Table, insert, select, text

from models.db.crypto import Keyring, WrappedKey
from models.db.repositories import arrays
from models.db.tables.chains import chain_key
from models.db.tables.organizations import audit
from models.db.tables.requests import consent, person_key, request
from models.domain.chain import Chain, Commitments, Sealed, SigningKey, Tip, Unsealed
from models.domain.errors import TamperedError
from models.domain.ids import Prefix, show
from models.domain.school_id import show_school
from models.proof.chain import genesis

# Any constants will do: they only have to be the same in every process that seals.
_TURNS = {Chain.CONSENT: 7_034_118, Chain.AUDIT: 7_034_119}
_TURN = text("SELECT pg_try_advisory_xact_lock(:key)")
# What is written then is one moment's, however long reading it takes.
_STAND_STILL = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_PAGE = 2000
# The largest whole number that every reader of JSON takes for what it is (RFC 8785).
_LARGEST = 2**53


def public_consent(row: Row[Any]) -> dict[str, Any]:
    """Say what of a consent is public: nothing of a person, but what commits to all of it."""
    return {
        "agreed_at": row.agreed_at.isoformat(),
        "channel": row.channel,
        "commitment": row.commitment.hex(),
        "consent_id": show(Prefix.CONSENT, row.id),
        "jurisdiction": row.jurisdiction,
        "kind": "consent",
        "lead_id": show(Prefix.LEAD, row.lead_id),
        "locale": row.locale,
        "request_id": show(Prefix.REQUEST, row.request_id),
        "school_id": show_school(row.unitid),
        "text_id": row.text_id,
    }


def _public_audit(row: Row[Any]) -> dict[str, Any]:
    return {
        "action": row.action,
        "actor": row.actor,
        "actor_kind": row.actor_kind,
        "at": row.at.isoformat(),
        "audit_id": str(row.id),
        "detail": _plain(row.detail),
        "kind": "audit",
        "subject": row.subject,
    }


def _plain(value: Any) -> Any:
    """Write numbers that have more than one form in JSON as texts."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST):
        return repr(value)
    return value


class _Kept(NamedTuple):
    """Where a chain's rows are, and what of them is public."""

    table: Table
    public: Callable[[Row[Any]], dict[str, Any]]


_KEPT = {Chain.CONSENT: _Kept(consent, public_consent), Chain.AUDIT: _Kept(audit, _public_audit)}


class ChainRepository:
    """Keeps the order in which rows were sealed, and tells it."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def turn(self, chain: Chain) -> bool:
        """Take the turn to seal until the transaction ends; False while somebody else has it."""
        return bool(self._connection.scalar(_TURN, {"key": _TURNS[chain]}))

    def tip(self, chain: Chain) -> Tip:
        """Return where a chain ends now."""
        table = _KEPT[chain].table
        keys = self._keys(chain)
        last = self._connection.execute(
            select(table.c.sequence, table.c.chain_hash)
            .where(table.c.sequence.is_not(None))
            .order_by(table.c.sequence.desc())
            .limit(1)
        ).all()
        ends = [(row.sequence, row.chain_hash) for row in (*last, *keys[-1:])]
        sequence, link = max(ends, default=(0, genesis(chain)))
        return Tip(sequence, link, tuple(row.public_key for row in keys))

    def unsealed(self, chain: Chain, most: int) -> Sequence[Unsealed]:
        """List rows without a place, at most so many."""
        # By the unique index of sequences, which holds what has none too: acceptance keeps no
        # other for it, and order means nothing before a row has its place.
        kept = _KEPT[chain]
        waiting = select(kept.table).where(kept.table.c.sequence.is_(None)).limit(most)
        rows = self._connection.execute(waiting)
        return [Unsealed(row.id, kept.public(row)) for row in rows]

    def add_key(self, chain: Chain, key: SigningKey, at: datetime) -> None:
        """Keep a row that says which key signs."""
        self._connection.execute(
            insert(chain_key).values(
                chain=chain.value,
                sequence=key.sequence,
                key_id=key.key_id,
                public_key=key.public,
                at=at,
                chain_hash=key.link,
                signature=key.signature,
                endorsement=key.endorsement,
            )
        )

    def keep(self, chain: Chain, rows: Sequence[Sealed]) -> None:
        """Give rows their places."""
        statement = text(f"""
            UPDATE {chain.value} SET sequence = n.sequence, chain_hash = n.link,
              signature = n.signature
            FROM unnest(CAST(:ids AS uuid[]), CAST(:sequences AS bigint[]),
              CAST(:links AS bytea[]), CAST(:signatures AS bytea[]))
              AS n(id, sequence, link, signature)
            WHERE {chain.value}.id = n.id
        """)  # noqa: S608 - one of two names of ours
        values = {
            "ids": arrays.uuids(row.id for row in rows),
            "sequences": arrays.numbers(row.sequence for row in rows),
            "links": arrays.raws(row.link for row in rows),
            "signatures": arrays.raws(row.signature for row in rows),
        }
        self._connection.execute(statement, values)

    def lines(self, chain: Chain) -> Iterator[Mapping[str, Any]]:
        """Tell a chain, a row a line as an export holds it, then what has no place yet."""
        self._connection.execute(_STAND_STILL)
        kept = _KEPT[chain]
        keys = [key_line(row) for row in self._keys(chain)]
        in_order = select(kept.table).order_by(kept.table.c.sequence)
        rows = self._streamed(in_order.where(kept.table.c.sequence.is_not(None)))
        sealed = (_row_line(kept.public(row) | {"sequence": row.sequence}, row) for row in rows)
        yield from heapq.merge(keys, sealed, key=lambda line: int(line["row"]["sequence"]))
        waiting = (
            select(kept.table).where(kept.table.c.sequence.is_(None)).order_by(kept.table.c.id)
        )
        for row in self._streamed(waiting):
            yield {"kind": "unsealed", "row": kept.public(row)}

    def commitments(self) -> Commitments:
        """Open every consent that opens, and compare it with its commitment."""
        query = select(consent.c.id, consent.c.canonical, consent.c.commitment, person_key).join(
            request, request.c.id == consent.c.request_id
        )
        rows = self._streamed(query.join(person_key))
        found = Counter(opened=0, erased=0, locked=0)
        wrong: list[UUID] = []
        for row in rows:
            what = self._commitment(row)
            if what == "wrong":
                wrong.append(row.id)
            else:
                found[what] += 1
        return Commitments(found["opened"], found["erased"], found["locked"], tuple(wrong))

    def _commitment(self, row: Row[Any]) -> str:
        if row.wrapped is None:
            return "erased"
        try:
            key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        except TamperedError:
            return "locked"
        try:
            opened = key.open(row.canonical, "consent", "canonical", row.id)
        except TamperedError:
            return "wrong"
        return "opened" if sha256(opened).digest() == row.commitment else "wrong"

    def _keys(self, chain: Chain) -> Sequence[Row[Any]]:
        of = select(chain_key).where(chain_key.c.chain == chain.value)
        return self._connection.execute(of.order_by(chain_key.c.sequence)).all()

    def _streamed(self, query: Select[Any]) -> Iterable[Row[Any]]:
        return self._connection.execution_options(yield_per=_PAGE).execute(query)


def _row_line(public: Mapping[str, Any], row: Row[Any]) -> dict[str, Any]:
    """Write a row as an export holds it."""
    line: dict[str, Any] = {"hash": row.chain_hash.hex(), "kind": "row", "row": public}
    if row.signature is not None:
        line["signature"] = row.signature.hex()
    return line


def key_line(row: Row[Any]) -> dict[str, Any]:
    """Write a row that says which key signs, as an export holds it."""
    public = {
        "at": row.at.isoformat(),
        "key_id": row.key_id,
        "kind": "key",
        "public_key": row.public_key.hex(),
        "sequence": row.sequence,
    }
    line = _row_line(public, row)
    if row.endorsement is not None:
        line["endorsement"] = row.endorsement.hex()
    return line
