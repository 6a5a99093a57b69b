"""Moves slates from the log stream to PostgreSQL, in batches; writing one twice changes nothing.

An entry is read by a consumer group, written and committed, and only then acknowledged and
removed. A writer that dies between leaves its entries pending; the next one claims them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import redis
import structlog

from models.domain.matching import Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import SLATE_GROUP, SLATE_STREAM, PageRecord, read_log_entry

BATCH = 500
# A writer that took longer than this over its batch is taken for dead.
ABANDONED_MS = 30_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry as read: its id in the stream and its JSON."""

    id: bytes
    body: bytes


class SlateStream(Protocol):
    """The log stream, read by one group of writers."""

    def read(self, count: int) -> Sequence[LogEntry]:
        """Return entries nobody has, those of dead writers first; empty when there are none."""
        ...

    def done(self, ids: Sequence[bytes]) -> None:
        """Acknowledge entries and remove them."""
        ...


def drain_slate_log(
    stream: SlateStream, unit_of_work: UnitOfWorkFactory, *, batch: int = BATCH
) -> int:
    """Write all that waits, and return how many entries that was.

    An entry that cannot be read is logged and left out: it would stop all that follow it.
    """
    moved = 0
    while entries := stream.read(batch):
        served = [pair for entry in entries if (pair := _read(entry)) is not None]
        if served:
            with unit_of_work() as work:
                work.slates.add(served)
        stream.done([entry.id for entry in entries])
        moved += len(entries)
    return moved


def _read(entry: LogEntry) -> tuple[Slate, PageRecord] | None:
    try:
        return read_log_entry(json.loads(entry.body))
    except (ValueError, KeyError, TypeError):
        _log.exception("slate_log_entry_unreadable", entry=entry.id.decode())
        return None


class RedisSlateStream:
    """The log stream in Valkey.

    Args:
        client: a client whose socket timeout is longer than a batch takes to read.
        consumer: this writer's name, its own among all that run.
    """

    def __init__(self, client: "redis.Redis", consumer: str) -> None:
        self._client: Any = client
        self._consumer = consumer
        self._ready = False

    def read(self, count: int) -> Sequence[LogEntry]:
        """Return entries nobody has, those of dead writers first."""
        self._make_group()
        try:
            claimed = self._client.xautoclaim(
                SLATE_STREAM, SLATE_GROUP, self._consumer, ABANDONED_MS, "0-0", count=count
            )
            found = claimed[1] or self._new(count)
        except redis.ResponseError as error:
            # FLUSHALL takes the group away with the stream.
            if "NOGROUP" not in str(error):
                raise
            self._ready = False
            return ()
        return [LogEntry(key, values[b"entry"]) for key, values in found if values]

    def done(self, ids: Sequence[bytes]) -> None:
        """Acknowledge entries and remove them, in one transaction."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.xack(SLATE_STREAM, SLATE_GROUP, *ids)
            pipe.xdel(SLATE_STREAM, *ids)
            pipe.execute()

    def _new(self, count: int) -> Any:
        answer = self._client.xreadgroup(
            SLATE_GROUP, self._consumer, {SLATE_STREAM: ">"}, count=count
        )
        if isinstance(answer, dict):
            return [entry for entries in answer.values() for group in entries for entry in group]
        return answer[0][1] if answer else []

    def _make_group(self) -> None:
        if self._ready:
            return
        try:
            self._client.xgroup_create(SLATE_STREAM, SLATE_GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._ready = True
