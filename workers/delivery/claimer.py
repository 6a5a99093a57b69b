"""The claimer: sweeps, finds what is due, leases it, writes attempt rows, hands it to senders."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from models.domain.delivery import ClaimedDelivery, Purpose
from models.domain.destination import DestinationConfig, DestinationStatus
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.sending import HeldDelivery, Settlement
from models.exchange.kinds import Kind
from workers.delivery.batching import pack, windows_of
from workers.delivery.configs import Configs
from workers.delivery.failpoints import Failpoint
from workers.delivery.floor import place_of
from workers.delivery.lines import Lines
from workers.delivery.naming import ids
from workers.delivery.options import Options
from workers.delivery.preparing import Prepared, Ready, mailed, prepare

_log = structlog.get_logger(__name__)
# How long what cannot be sent for a reason of ours is left alone: someone has to mend it first.
_UNTIL_MENDED = timedelta(minutes=5)


class Claimer:
    """One thread; claims for the senders that are free, and a little ahead of them (``Floor``)."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        lines: Lines,
        kinds: Mapping[str, Kind],
        options: Options,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._lines = lines
        self._floor = lines.floor
        self._kinds = kinds
        self._options = options
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._sweep_at = time.monotonic()
        self._quarantined = False
        self._regardless = False
        self._windows = windows_of(kinds)
        self._batches = False
        self._configs = Configs()
        self._claim_seconds = 0.0

    def wake(self) -> None:
        """Look now; safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Claim until told to stop; a database that is away is waited for."""
        pause = self._options.poll_seconds
        while not self._stopping.is_set():
            try:
                self._sweep()
                busy = self._drain()
            except Exception as error:  # noqa: BLE001 - the queue outlives whatever this is
                _log.warning("claim_failed", error=type(error).__name__)
                self._stopping.wait(pause)
                continue
            if not busy:
                self._wake.wait(pause)
                self._wake.clear()

    def _sweep(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + self._options.sweep_seconds
        with self._unit_of_work() as work:
            swept = work.deliveries.sweep(len(self._options.schedule.delays))
        self._lines.watch.swept(swept)
        self._quarantined, self._regardless = swept.quarantined, swept.regardless
        self._batches = bool(self._windows)
        if swept.returned or swept.expired:
            _log.info("swept", returned=swept.returned, expired=swept.expired)

    def _drain(self) -> bool:
        """Claim and hand over once; tell whether there may be more to do at once."""
        free = self._floor.wait_free(self._options.poll_seconds)
        if free == 0:
            return True
        if self._quarantined:
            # What may have killed a worker between claim and attempt row is claimed alone, so that
            # it takes no other claim with it. What is in flight has its attempt row: it is not
            # waited for.
            self._quarantined = False
            self._hand_over(self._claim_alone())
            return True
        # Beside all else that is due: mail may come in thousands, through one slow relay.
        more = self._regardless and self._send_regardless(free)
        if self._batches:
            # Looked for once a sweep: they wait for minutes anyway. Where one was, there may be
            # another.
            claims = self._claim_batch()
            self._batches = bool(claims)
            if claims:
                self._hand_over(claims)
                return True
        free = self._floor.gather(self._claim_seconds)
        started = time.monotonic()
        claims = self._claim(free)
        self._hand_over(claims)
        if claims:
            self._claim_seconds += (time.monotonic() - started - self._claim_seconds) / 8
        return bool(claims) or more

    def _claim(self, free: int) -> list[ClaimedDelivery]:
        with self._unit_of_work() as work:
            due = work.deliveries.due(self._windows, self._options.senders)
            shares = self._floor.shares(due, free)
            idle = self._floor.idle()
            claims = work.deliveries.claim(shares, self._options.lease, idle) if shares else []
            if claims:
                self._lines.hit(Failpoint.CLAIM_UNCOMMITTED)
        return claims

    def _claim_alone(self) -> list[ClaimedDelivery]:
        with self._unit_of_work() as work:
            return work.deliveries.claim_quarantined(self._options.lease)

    def _claim_batch(self) -> list[ClaimedDelivery]:
        with self._unit_of_work() as work:
            return work.deliveries.claim_batch(self._windows, self._options.lease)

    def _send_regardless(self, free: int) -> bool:
        """Claim tests and mail, and hand them over; tell whether there were any."""
        mails = self._floor.mail_places()
        with self._unit_of_work() as work:
            claims = work.deliveries.claim_regardless(free, mails, self._options.lease)
        # Where no mail may leave now, nobody looked whether there is some.
        self._regardless = bool(claims) or mails == 0
        self._hand_over(claims)
        return bool(claims)

    def _hand_over(self, claims: Sequence[ClaimedDelivery]) -> None:
        if not claims:
            return
        self._lines.hit(Failpoint.AFTER_CLAIM)
        with self._unit_of_work() as work:
            if self._stopping.is_set():
                work.deliveries.release(claims)
                return
            ready = self._begin(work, claims)
            self._lines.hit(Failpoint.ATTEMPT_ROW_UNCOMMITTED)
        # Committed: from here on bytes may leave.
        self._lines.hit(Failpoint.AFTER_ATTEMPT_ROW)
        self._floor.take_off(*(place_of(one.claim) for one in ready))
        for one in ready:
            self._lines.ready.put(one)

    def _begin(self, work: UnitOfWork, claims: Sequence[ClaimedDelivery]) -> list[Ready]:
        """Open, render and write attempt rows, in one transaction for all of them."""
        claims = self._within_budget(work, claims)
        configs = self._configs.read(work, {claim.destination_id for claim in claims})
        prepared: list[Prepared] = []
        settled: list[Settlement] = []
        for held in work.deliveries.hold(claims):
            config = configs.get(held.claim.destination_id)
            if config is None or config.kind not in self._kinds:
                work.deliveries.release([held.claim], _UNTIL_MENDED)
                self._not_sent("destination_unusable", held)
                continue
            if self._put_off(work, held, config):
                continue
            if held.claim.by_mail:
                config = mailed(config, self._kinds[config.kind])
            result = prepare(held, config, self._kinds[config.kind])
            if isinstance(result, Prepared):
                prepared.append(result)
            else:
                settled.append(result)
                self._not_sent(result.outcome.reason, held)
        if settled:
            work.deliveries.finish(settled)
        return self._write_attempts(work, prepared) if prepared else []

    def _put_off(self, work: UnitOfWork, held: HeldDelivery, config: DestinationConfig) -> bool:
        """Give back what may not leave now; tell whether it was so."""
        if not _open_to(held.claim, config):
            work.deliveries.release([held.claim])
            return True
        if held.wait is not None and held.stop is None:
            work.deliveries.release([held.claim], held.wait)
            self._lines.watch.not_sent("follows")
            return True
        return False

    def _within_budget(
        self, work: UnitOfWork, claims: Sequence[ClaimedDelivery]
    ) -> Sequence[ClaimedDelivery]:
        """Put off what would bring more schools to a student at once than may come."""
        if not self._options.contact_budget:
            return claims
        waits = work.deliveries.contact_waits(claims, self._options.contact_budget)
        for claim in claims:
            if claim.id in waits:
                work.deliveries.release([claim], waits[claim.id])
                self._lines.watch.not_sent("contact_budget")
        return [claim for claim in claims if claim.id not in waits]

    def _write_attempts(self, work: UnitOfWork, prepared: Sequence[Prepared]) -> list[Ready]:
        """Write attempt rows; what may not begin any more is released if it is still ours."""
        lease = self._options.lease
        # Leases are renewed after this moment: they end later than we think.
        start_by = time.monotonic() + lease.total_seconds() - self._options.send_seconds
        loads = pack(work, prepared, self._kinds)
        numbers = work.deliveries.begin([send for load in loads for send in load.sends], lease)
        work.deliveries.release([p.held.claim for p in prepared if p.held.claim.id not in numbers])
        ready = (load.ready(numbers, start_by) for load in loads)
        return [one for one in ready if one is not None]

    def _not_sent(self, reason: str, held: HeldDelivery) -> None:
        self._lines.watch.not_sent(reason)
        _log.warning("not_sent", **ids(held.claim, held.request_id), reason=reason)


def _open_to(claim: ClaimedDelivery, config: DestinationConfig) -> bool:
    regardless = claim.by_mail or claim.purpose is Purpose.TEST
    return regardless or config.status is DestinationStatus.ACTIVE
