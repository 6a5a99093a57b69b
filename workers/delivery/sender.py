"""Sender threads: one parcel at a time each, no database connection anywhere near."""

import time

import structlog

from models.domain.delivery import DeliveryStatus, Outcome
from workers.delivery.failpoints import Failpoint
from workers.delivery.floor import place_of
from workers.delivery.lines import Lines
from workers.delivery.ports import DestinationClient, OpenClients
from workers.delivery.preparing import Ready
from workers.delivery.settling import Sent

_log = structlog.get_logger(__name__)
_RECALLED = Outcome(DeliveryStatus.PENDING, "recalled", ours=True)


class Sender:
    """Takes what is ready, sends it, and hands over what it came to."""

    def __init__(self, lines: Lines, open_clients: OpenClients) -> None:
        self._lines = lines
        self._open_clients = open_clients

    def run(self) -> None:
        """Send until told to stop by ``None``."""
        with self._open_clients() as clients:
            while (ready := self._lines.ready.get()) is not None:
                self._lines.unsettled.acquire()
                if not ready.claim.by_mail and self._lines.floor.turned(ready.claim.destination_id):
                    self._hand_over(ready, _RECALLED, left=False)
                    continue
                started = time.monotonic()
                outcome = _send(clients[ready.kind], ready)
                seconds = time.monotonic() - started
                self._lines.hit(Failpoint.AFTER_SEND)
                self._hand_over(ready, outcome, seconds, started)

    def _hand_over(
        self,
        ready: Ready,
        outcome: Outcome,
        seconds: float = 0.0,
        started: float | None = None,
        *,
        left: bool = True,
    ) -> None:
        latency = int(seconds * 1000)
        self._lines.sent.put([Sent(one, outcome, latency, left) for one in (ready, *ready.others)])
        place = place_of(ready.claim)
        # What is mailed to people of a school says nothing of their destination.
        failed = None if ready.claim.by_mail else _failed(outcome)
        self._lines.floor.land(place, failed=failed, seconds=seconds, started=started)


def _failed(outcome: Outcome) -> bool | None:
    """Tell how the destination did; None: what happened is our own affair."""
    return None if outcome.ours else outcome.destination_failed or outcome.slow_destination


def _send(client: DestinationClient, ready: Ready) -> Outcome:
    if time.monotonic() > ready.start_by:
        # Its lease could end before the answer comes, and another worker would send it as well.
        return Outcome(DeliveryStatus.PENDING, "too_late_to_send", ours=True)
    try:
        return client.send(ready.parcel)
    except Exception as error:  # noqa: BLE001 - a bug in one client must not end the thread
        # Its kind and place only: its words may quote the student.
        _log.error("client_bug", **ready.names, kind=ready.kind, error=type(error).__name__)
        return Outcome(DeliveryStatus.PENDING, "internal_error")
