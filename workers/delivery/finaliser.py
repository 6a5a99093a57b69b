"""The finaliser: writes what attempts came to, many in one commit."""

import random
import time
from collections.abc import Callable
from datetime import datetime
from queue import Empty

import structlog

from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.destination import DestinationStatus
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from workers.delivery.failpoints import Failpoint
from workers.delivery.lines import Lines
from workers.delivery.naming import ids
from workers.delivery.options import Options
from workers.delivery.settling import Sent, gone, notes, settle

_log = structlog.get_logger(__name__)


class Finaliser:
    """Groups outcomes for up to 4 ms and commits them; keeps them while the database is away."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        lines: Lines,
        options: Options,
        chance: random.Random,
        settled: Callable[[], None],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._lines = lines
        self._options = options
        self._chance = chance
        self._settled = settled

    def run(self) -> None:
        """Finalise until told to stop by ``None``; what came before that is written first."""
        more = True
        while more and (first := self._lines.sent.get()) is not None:
            group, more = self._gather(first)
            self._lines.hit(Failpoint.BEFORE_FINALISE)
            self._write(group)
            self._lines.hit(Failpoint.AFTER_FINALISE)
            self._settled()

    def _gather(self, first: Sent) -> tuple[list[Sent], bool]:
        group = [first]
        until = time.monotonic() + self._options.group_seconds
        while len(group) < self._options.group_most:
            try:
                sent = self._lines.sent.get(timeout=max(until - time.monotonic(), 0))
            except Empty:
                break
            if sent is None:
                return group, False
            group.append(sent)
        return group, True

    def _write(self, group: list[Sent]) -> None:
        """Write a group, again and again while the database is away.

        After a while the leases have run out and the ledger sends again anyway (the receiver knows
        the id); until then what we know is worth keeping.
        """
        give_up = time.monotonic() + self._options.keep_outcomes_seconds
        wait = 0.05
        while True:
            try:
                self._commit(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, the outcomes must not be lost
                _log.warning("finalise_failed", error=type(error).__name__, size=len(group))
                if len(group) > 1 and wait > 1:
                    # Perhaps one of them cannot be written; it must not hold back the others.
                    for sent in group:
                        self._write([sent])
                    return
                if time.monotonic() > give_up:
                    _log.error("outcome_dropped", **_ids(group[0]))
                    return
                time.sleep(wait)
                wait = min(wait * 2, 2.0)
            else:
                return

    def _commit(self, group: list[Sent]) -> None:
        with self._unit_of_work() as work:
            now = work.deliveries.now()
            settlements = [
                settle(sent, now, self._options.schedule, self._chance) for sent in group
            ]
            work.deliveries.finish(settlements)
            work.deliveries.note(notes(group), self._options.breaker)
            _disable(work, group)
            _note_tests(work, group, now)
            self._lines.hit(Failpoint.FINALISE_UNCOMMITTED)
        for sent, done in zip(group, settlements, strict=True):
            self._lines.watch.attempted(
                sent.ready.kind, done.claim.purpose, done.status, sent.latency_ms
            )
            _log.info(
                "attempt",
                **_ids(sent),
                n=done.attempt,
                status=done.status.value,
                reason=done.outcome.reason,
                code=done.outcome.code,
                ms=done.latency_ms,
            )


def _ids(sent: Sent) -> dict[str, str]:
    return ids(sent.ready.claim, sent.ready.request_id)


def _disable(work: UnitOfWork, group: list[Sent]) -> None:
    for destination_id in sorted(gone(group)):
        if work.destinations.get(destination_id).status is not DestinationStatus.DISABLED:
            work.destinations.set_status(destination_id, DestinationStatus.DISABLED)
            _log.warning("destination_gone", destination=show(Prefix.DESTINATION, destination_id))


def _note_tests(work: UnitOfWork, group: list[Sent], now: datetime) -> None:
    for sent in group:
        claim = sent.ready.claim
        if claim.purpose is Purpose.TEST and sent.outcome.status is DeliveryStatus.DELIVERED:
            work.destinations.test_arrived(claim.destination_id, sent.ready.version_id, now)
