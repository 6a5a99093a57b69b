"""What leaves in one parcel: a delivery by itself, or a batch of them where the kind says so.

A batch is frozen in the transaction that writes its attempt rows: whoever tries it again with the
same members has the same name and bytes. What was stopped, or came to an end, since then is left
out, and the rest leaves under a new name.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.errors import SchoolmatchError
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.sending import Batch, BatchWindow, Parcel, Send
from models.exchange.kinds import Kind
from workers.delivery.preparing import Prepared, Ready


class LeaseLostError(SchoolmatchError):
    """Some members of a batch are not ours any more: it must not leave without them."""


@dataclass(frozen=True, slots=True, repr=False)
class Load:
    """One parcel and what is in it; ``batch`` is None for a delivery by itself."""

    members: Sequence[Prepared]
    body: bytes
    batch: Batch | None = None

    @property
    def sends(self) -> list[Send]:
        """What the ledger needs to begin each member."""
        if self.batch is None:
            return [member.send for member in self.members]
        return [replace(member.send, batch_id=self.batch.id) for member in self.members]

    def ready(self, numbers: Mapping[UUID, int], start_by: float) -> Ready | None:
        """Make it ready with its attempts' numbers; None when its delivery got none.

        Raises:
            LeaseLostError: when only some members of a batch got one.
        """
        begun = [member for member in self.members if member.held.claim.id in numbers]
        if len(begun) < len(self.members):
            if self.batch is None:
                return None
            raise LeaseLostError("a batch has lost members to another worker")
        first, *others = (
            member.ready(numbers[member.held.claim.id], start_by, self._parcel(member))
            for member in self.members
        )
        return replace(first, others=tuple(others)) if others else first

    def _parcel(self, member: Prepared) -> Parcel:
        claim, config = member.held.claim, member.config
        named, batch = (self.batch.id, self.batch.name) if self.batch else (claim.id, "")
        return Parcel(named, claim.purpose, self.body, config.settings, config.secrets, batch)


def windows_of(kinds: Mapping[str, Kind]) -> dict[str, BatchWindow]:
    """List the kinds whose deliveries wait for each other, and for how long."""
    return {name: kind.batching.window for name, kind in kinds.items() if kind.batching}


def pack(work: UnitOfWork, prepared: Sequence[Prepared], kinds: Mapping[str, Kind]) -> list[Load]:
    """Put what is prepared into parcels, and freeze batches; tests leave by themselves."""
    loads: list[Load] = []
    waiting: dict[UUID, list[Prepared]] = defaultdict(list)
    for one in prepared:
        batching = kinds[one.config.kind].batching
        if batching is None:
            loads.append(Load([one], one.body))
        elif one.held.claim.purpose is Purpose.TEST:
            loads.append(Load([one], batching.join([one.body])))
        else:
            waiting[one.config.id].append(one)
    for destination_id, members in waiting.items():
        batching = kinds[members[0].config.kind].batching
        if batching is not None:
            # Ids sort by time: the first who asked stands first.
            members.sort(key=lambda member: member.held.claim.id)
            body = batching.join([member.body for member in members])
            ids = [member.held.claim.id for member in members]
            digest = hashlib.sha256(body).digest()
            batch = work.deliveries.freeze_batch(destination_id, ids, digest)
            loads.append(Load(members, body, batch))
    return loads
