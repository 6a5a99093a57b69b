"""The finaliser: writes what attempts came to, many in one commit."""

import random
import select
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty
from uuid import UUID

import structlog

from models.domain.afterwards import CHANGES
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.destination import DestinationStatus
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.sending import Settlement
from workers.delivery.failpoints import Failpoint
from workers.delivery.floor import place_of
from workers.delivery.lines import Lines
from workers.delivery.options import Options
from workers.delivery.settling import Sent, gone, notes, settle

_log = structlog.get_logger(__name__)


# Some systems never say more than that they took what was sent: a test of theirs has arrived.
_ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED)
# The first and the longest wait before what was refused is tried again.
_FIRST_ASIDE, _MOST_ASIDE = 1.0, 60.0
_NAP = 0.004


@dataclass(frozen=True, slots=True)
class _Aside:
    """An outcome that a database that answers refused, and when to try it again."""

    sent: Sent
    give_up: float
    wait: float = _FIRST_ASIDE
    at: float = field(default_factory=lambda: time.monotonic() + _FIRST_ASIDE)

    def later(self) -> "_Aside":
        wait = min(self.wait * 2, _MOST_ASIDE)
        return _Aside(self.sent, self.give_up, wait, time.monotonic() + wait)


class Finaliser:
    """Groups outcomes for a moment and commits them; keeps them while the database is away.

    One that the database refuses, while it answers others, is set aside and holds up nobody.
    """

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
        self._aside: list[_Aside] = []

    def run(self) -> None:
        """Finalise until told to stop by ``None``; what came before that is written first."""
        more = True
        while more:
            self._write_aside()
            try:
                first = self._lines.sent.get(timeout=self._aside_due_in())
            except Empty:
                continue
            if first is None:
                break
            group, parcels, more = self._gather(first)
            self._lines.hit(Failpoint.BEFORE_FINALISE)
            # Before the commit: counted by both for a moment is better than by neither.
            self._lines.floor.written(place_of(sent.ready.claim) for sent in group)
            self._write(group)
            self._lines.unsettled.release(parcels)
            self._lines.hit(Failpoint.AFTER_FINALISE)
            self._settled()
        for aside in self._aside:
            if not self._insist([aside.sent], tries=1):
                _log.error("outcome_dropped", **_ids(aside.sent))

    def _gather(self, first: list[Sent]) -> tuple[list[Sent], int, bool]:
        """Take what else comes within a moment.

        It sleeps and then looks, instead of waking for each: that would take the interpreter from
        the senders as often as something is sent.
        """
        group, parcels = list(first), 1
        until = time.monotonic() + self._options.group_seconds
        while len(group) < self._options.group_most:
            try:
                sent = self._lines.sent.get_nowait()
            except Empty:
                left = until - time.monotonic()
                if left <= 0:
                    break
                # Not time.sleep: it waits until a moment, and a clock that is set meanwhile (by
                # libfaketime in tests) makes that an error.
                select.select((), (), (), min(left, _NAP))
                continue
            if sent is None:
                return group, parcels, False
            group += sent
            parcels += 1
        return group, parcels, True

    def _write(self, group: list[Sent]) -> None:
        """Write a group, or each by itself when it is refused; set aside what cannot be written."""
        if self._insist(group, tries=2):
            return
        for sent in group:
            if len(group) == 1 or not self._insist([sent], tries=1):
                give_up = time.monotonic() + self._options.keep_outcomes_seconds
                self._aside.append(_Aside(sent, give_up))

    def _insist(self, group: list[Sent], *, tries: int) -> bool:
        """Write a group, again and again while the database is away.

        After a while the leases have run out and the ledger sends again anyway (the receiver knows
        the id); until then what we know is worth keeping.

        Returns:
            False when a database that answers refused it that many times.
        """
        wait = 0.05
        while True:
            try:
                settlements = self._commit(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, the outcomes must not be lost
                _log.warning("finalise_failed", error=type(error).__name__, size=len(group))
                tries -= self._database_answers()
                if tries <= 0:
                    return False
                time.sleep(wait)
                wait = min(wait * 2, 2.0)
            else:
                # Committed: nothing from here on may have it written again.
                self._tell(group, settlements)
                return True

    def _database_answers(self) -> bool:
        try:
            with self._unit_of_work() as work:
                work.deliveries.now()
        except Exception:  # noqa: BLE001 - whatever it is, it does not
            return False
        return True

    def _aside_due_in(self) -> float | None:
        if not self._aside:
            return None
        return max(min(aside.at for aside in self._aside) - time.monotonic(), 0)

    def _write_aside(self) -> None:
        """Try again what was refused and is due, each by itself."""
        waiting, self._aside = self._aside, []
        for aside in waiting:
            if time.monotonic() < aside.at:
                self._aside.append(aside)
            elif not self._insist([aside.sent], tries=1):
                if time.monotonic() > aside.give_up:
                    _log.error("outcome_dropped", **_ids(aside.sent))
                else:
                    self._aside.append(aside.later())

    def _commit(self, group: list[Sent]) -> list[Settlement]:
        with self._unit_of_work() as work:
            work.deliveries.recall([(s.ready.claim, s.ready.attempt) for s in group if not s.left])
            group = [sent for sent in group if sent.left]
            # Only what is tried again, or tested, needs the time; most groups are spared the trip.
            now = work.deliveries.now() if any(map(_needs_time, group)) else None
            settlements = [
                settle(sent, now, self._options.schedule, self._chance) for sent in group
            ]
            over_cap = work.deliveries.finish(settlements)
            work.deliveries.note(notes(group), self._options.breaker)
            _disable(work, group)
            if refused := _refused(settlements):
                work.deliveries.mail_refused(refused)
            if now is not None:
                _note_tests(work, group, now)
            self._lines.hit(Failpoint.FINALISE_UNCOMMITTED)
        for lead_id in over_cap:
            _log.warning("arrived_over_cap", lead=show(Prefix.LEAD, lead_id))
        return settlements

    def _tell(self, group: list[Sent], settlements: list[Settlement]) -> None:
        log = _log.bind()  # once for all lines: each would make it anew
        for sent, done in zip((sent for sent in group if sent.left), settlements, strict=True):
            try:
                self._lines.watch.attempted(
                    sent.ready.kind, done.claim.purpose, done.status, sent.latency_ms
                )
            except Exception as error:  # noqa: BLE001 - a watcher's bug must not end the thread
                _log.error("watch_bug", error=type(error).__name__)
            if done.status is DeliveryStatus.IN_DOUBT:
                # Perhaps it arrived: it is not tried again by itself, somebody has to look.
                _log.error("answer_not_understood", **_ids(sent), code=done.outcome.code)
            log.info(
                "attempt",
                **_ids(sent),
                n=done.attempt,
                status=done.status.value,
                reason=done.outcome.reason,
                code=done.outcome.code,
                ms=done.latency_ms,
            )


def _needs_time(sent: Sent) -> bool:
    retried = sent.outcome.status is DeliveryStatus.PENDING
    return retried or sent.ready.claim.purpose is Purpose.TEST


def _ids(sent: Sent) -> Mapping[str, str]:
    return sent.ready.names


def _disable(work: UnitOfWork, group: list[Sent]) -> None:
    for destination_id in sorted(gone(group)):
        if work.destinations.get(destination_id).status is not DestinationStatus.DISABLED:
            work.destinations.set_status(destination_id, DestinationStatus.DISABLED)
            _log.warning("destination_gone", destination=show(Prefix.DESTINATION, destination_id))


def _refused(settlements: Sequence[Settlement]) -> list[UUID]:
    """List the changes that came back from a destination that is gone."""
    return [
        done.claim.id
        for done in settlements
        if done.outcome.disable and done.claim.purpose in CHANGES and not done.claim.by_mail
    ]


def _note_tests(work: UnitOfWork, group: list[Sent], now: datetime) -> None:
    for sent in group:
        claim = sent.ready.claim
        if claim.purpose is Purpose.TEST and sent.outcome.status in _ARRIVED:
            work.destinations.test_arrived(claim.destination_id, sent.ready.version_id, now)
