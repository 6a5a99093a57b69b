"""What leaves in one parcel, with a ledger of the test's own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from models.domain.delivery import ClaimedDelivery, Purpose
from models.domain.destination import DestinationConfig, DestinationStatus
from models.domain.sending import Batch, BatchWindow, HeldDelivery, Send
from models.exchange.kinds import KINDS
from workers.delivery.batching import LeaseLostError, pack, windows_of
from workers.delivery.preparing import Prepared

VERSION = UUID(int=99)
UNTIL = datetime(2026, 11, 27, tzinfo=UTC)


@dataclass
class Frozen:
    """Stands for the unit of work and its ledger: keeps what was frozen."""

    asked: list[tuple[UUID, list[UUID], bytes]] = field(default_factory=list)

    @property
    def deliveries(self) -> Any:
        return self

    def freeze_batch(self, destination_id: UUID, members: list[UUID], digest: bytes) -> Batch:
        self.asked.append((destination_id, members, digest))
        return Batch(UUID(int=1000 + len(self.asked)), f"batch-{len(self.asked)}")


def prepared(
    number: int, kind: str = "sftp_csv", place: int = 1, purpose: Purpose = Purpose.LEAD
) -> Prepared:
    claim = ClaimedDelivery(
        UUID(int=number), UUID(int=number + 50), UUID(int=place), purpose, 1, 0, 1, UNTIL
    )
    config = DestinationConfig(
        UUID(int=place), UUID(int=7), kind, VERSION, {}, {}, DestinationStatus.ACTIVE
    )
    held = HeldDelivery(claim, None)  # type: ignore[arg-type]  # nothing is sealed here
    body = f'"id"\r\n"{number}"\r\n'.encode()
    return Prepared(held, config, body, Send(claim, None, b"", VERSION))


def packed(*members: Prepared) -> tuple[list[Any], Frozen]:
    ledger = Frozen()
    return pack(ledger, members, KINDS), ledger  # type: ignore[arg-type]


def test_only_kinds_that_say_so_wait() -> None:
    assert windows_of(KINDS) == {"sftp_csv": BatchWindow(900, 500)}


def test_members_of_one_destination_leave_together_the_oldest_first() -> None:
    loads, ledger = packed(prepared(3), prepared(1), prepared(2), prepared(9, place=2))
    assert [load.body for load in loads] == [b'"id"\r\n"1"\r\n"2"\r\n"3"\r\n', b'"id"\r\n"9"\r\n']
    assert [asked[:2] for asked in ledger.asked] == [
        (UUID(int=1), [UUID(int=n) for n in (1, 2, 3)]),
        (UUID(int=2), [UUID(int=9)]),
    ]
    ready = loads[0].ready({UUID(int=n): n for n in (1, 2, 3)}, 5.0)
    assert [one.claim.id.int for one in (ready, *ready.others)] == [1, 2, 3]
    assert (ready.parcel.batch, ready.parcel.delivery_id) == ("batch-1", UUID(int=1001))
    assert {send.batch_id for send in loads[0].sends} == {UUID(int=1001)}


def test_a_test_and_other_kinds_leave_by_themselves() -> None:
    loads, ledger = packed(prepared(1, purpose=Purpose.TEST), prepared(2, kind="webhook"))
    assert ledger.asked == []
    for load, number in zip(loads, (1, 2), strict=True):
        ready = load.ready({UUID(int=number): 1}, 5.0)
        assert (ready.parcel.delivery_id, ready.parcel.batch) == (UUID(int=number), "")
        assert ready.others == ()
        assert [send.batch_id for send in load.sends] == [None]


def test_a_batch_never_leaves_without_one_of_its_members() -> None:
    [batch], _ = packed(prepared(1), prepared(2))
    with pytest.raises(LeaseLostError):
        batch.ready({UUID(int=1): 1}, 5.0)
    [single], _ = packed(prepared(1, kind="webhook"))
    assert single.ready({}, 5.0) is None
