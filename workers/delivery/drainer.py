"""The drainer: one claimer, N senders, one finaliser, started and stopped as one."""

import random
import threading
import time
from collections.abc import Callable, Mapping

import structlog

from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.exchange.kinds import Kind
from workers.delivery.claimer import Claimer
from workers.delivery.failpoints import Hit, make_failpoint
from workers.delivery.finaliser import Finaliser
from workers.delivery.floor import Floor
from workers.delivery.lines import Lines
from workers.delivery.options import Options
from workers.delivery.ports import OpenClients, Unwatched, Watch
from workers.delivery.sender import Sender

_log = structlog.get_logger(__name__)


class Drainer:
    """Delivers what is due until it is stopped.

    Example:
        >>> drainer = Drainer(unit_of_work, open_clients, KINDS, Options())  # doctest: +SKIP
        >>> drainer.start(); drainer.nudge(); drainer.stop()  # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913 - the wiring of the room, in one place
        self,
        unit_of_work: UnitOfWorkFactory,
        open_clients: OpenClients,
        kinds: Mapping[str, Kind],
        options: Options,
        *,
        chance: random.Random | None = None,
        hit: Hit | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._options = options
        chance = chance or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._lines = Lines(
            Floor(options.senders, options.ahead),
            threading.Semaphore(options.senders + options.group_most),
            hit or make_failpoint(""),
            watch or Unwatched(),
        )
        self._claimer = Claimer(unit_of_work, self._lines, kinds, options)
        finaliser = Finaliser(unit_of_work, self._lines, options, chance, self._claimer.wake)
        sender = Sender(self._lines, open_clients)
        self._claiming = _thread("claimer", self._claimer.run)
        self._sending = [_thread(f"sender-{n}", sender.run) for n in range(options.senders)]
        self._finalising = _thread("finaliser", finaliser.run)

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in (self._finalising, *self._sending, self._claiming):
            thread.start()

    def nudge(self) -> None:
        """Look for due deliveries now, without waiting for the next poll."""
        self._claimer.wake()

    def stop_claiming(self) -> None:
        """Claim nothing more; only sets flags, so a signal's handler may call it."""
        self._claimer.stop()

    def stop(self) -> bool:
        """Claim nothing more, finish what is in flight, release what was not started.

        Returns:
            Whether everything was settled in time; what was not comes back when its lease ends.
        """
        until = time.monotonic() + self._options.stop_seconds
        self._claimer.stop()
        self._join(self._claiming, until)
        for _ in self._sending:
            self._lines.ready.put(None)
        for thread in self._sending:
            self._join(thread, until)
        self._lines.sent.put(None)
        self._join(self._finalising, until)
        threads = (self._claiming, *self._sending, self._finalising)
        clean = not any(thread.is_alive() for thread in threads)
        _log.info("drainer_stopped", clean=clean)
        return clean

    def _join(self, thread: threading.Thread, until: float) -> None:
        if thread.is_alive():
            thread.join(max(until - time.monotonic(), 0))


def _thread(name: str, run: Callable[[], None]) -> threading.Thread:
    # Daemons: a stranger who keeps a sender busy must not keep the process alive past its stop.
    return threading.Thread(target=run, name=name, daemon=True)
