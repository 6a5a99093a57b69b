"""Seals consents and audit rows: gives each its place in its chain, and signs the last of a batch.

Never inside acceptance: rows are committed first, and get their place within a second. One worker
seals at a time. A batch is one transaction, so a worker that dies in it leaves nothing, and the
next goes on from the same row; after days without a sealer the backlog is sealed batch by batch.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from models.domain.chain import Chain, Sealed, SigningKey, Tip, Unsealed
from models.domain.clock import Clock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.proof.chain import head_message, leaf, link
from models.proof.signing import Signer

_BATCH = 500
_log = structlog.get_logger(__name__)


def seal(
    unit_of_work: UnitOfWorkFactory, signers: Sequence[Signer], clock: Clock, batch: int = _BATCH
) -> int:
    """Seal what has no place yet.

    Args:
        unit_of_work: opens a transaction.
        signers: keys that sign; the first is used, the others may endorse it.
        clock: says when a key began to sign.
        batch: rows a transaction.

    Returns:
        How many rows were sealed.
    """
    total = 0
    for chain in Chain:
        while sealed := _seal_batch(unit_of_work, chain, signers, clock, batch):
            total += sealed
    return total


def _seal_batch(
    unit_of_work: UnitOfWorkFactory,
    chain: Chain,
    signers: Sequence[Signer],
    clock: Clock,
    batch: int,
) -> int:
    with unit_of_work() as work:
        waiting = work.chains.unsealed(chain, batch) if work.chains.turn(chain) else ()
        if not waiting:
            return 0
        tip, signer = work.chains.tip(chain), signers[0]
        if signer.public in tip.keys[:-1]:
            # This worker's settings are older than the chain: one with the new key seals.
            _log.warning("chain_key_is_retired", chain=chain.value, key=signer.key_id)
            return 0
        if signer.public not in tip.keys:
            key, tip = introduce(chain, tip, signers, now := clock.now())
            work.chains.add_key(chain, key, now)
        rows = extend(chain, tip, waiting, signer)
        work.chains.keep(chain, rows)
    head = rows[-1]
    # Whoever keeps the log elsewhere has a witness of the head.
    _log.info("chain_sealed", chain=chain.value, sequence=head.sequence, head=head.link.hex())
    return len(rows)


def extend(chain: Chain, tip: Tip, waiting: Sequence[Unsealed], signer: Signer) -> list[Sealed]:
    """Give rows the places after a tip; the last becomes a head."""
    rows, before = [], tip.link
    for sequence, each in enumerate(waiting, start=tip.sequence + 1):
        before = link(before, leaf({**each.public, "sequence": sequence}))
        rows.append(Sealed(each.id, sequence, before))
    last = rows[-1]
    signature = signer.sign(head_message(chain, last.sequence, last.link))
    rows[-1] = Sealed(last.id, last.sequence, last.link, signature)
    return rows


def introduce(
    chain: Chain, tip: Tip, signers: Sequence[Signer], at: datetime
) -> tuple[SigningKey, Tip]:
    """Let a row of the chain itself say which key signs from here on.

    Args:
        chain: which one.
        tip: its last row.
        signers: the new key, then others; the one that signed until now endorses it.
        at: when it begins to sign.

    Returns:
        The row, and the tip after it.
    """
    signer, sequence = signers[0], tip.sequence + 1
    row = {
        "at": at.isoformat(),
        "key_id": signer.key_id,
        "kind": "key",
        "public_key": signer.public.hex(),
        "sequence": sequence,
    }
    made = link(tip.link, leaf(row))
    message = head_message(chain, sequence, made)
    before = next((one for one in signers[1:] if tip.keys and one.public == tip.keys[-1]), None)
    endorsement = None if before is None else before.sign(message)
    if tip.keys and before is None:
        _log.warning("chain_key_not_endorsed", chain=chain.value, key=signer.key_id)
    signature = signer.sign(message)
    key = SigningKey(sequence, signer.key_id, signer.public, row, made, signature, endorsement)
    return key, Tip(sequence, made, (*tip.keys, signer.public))
