"""A thread that does one thing again and again until it is told to stop.

What it does may fail (a server is away): that is logged once as it begins and once as it ends, and
never stops the thread.
"""

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger(__name__)


class Recurring:
    """Runs ``work`` every ``seconds``, in a thread of its own.

    Args:
        name: the thread's name, also in logs.
        work: what to do; whatever it raises is taken for passing.
        seconds: the wait between the end of one run and the start of the next.
    """

    def __init__(self, name: str, work: Callable[[], object], seconds: float = 1.0) -> None:
        self._name, self._work, self._seconds = name, work, seconds
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the run in hand, then end; waits for it at most ``timeout`` seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:  # noqa: BLE001 - whatever is away comes back; the thread must live
                if not self._failing:
                    _log.exception("recurring_work_fails", work=self._name)
                self._failing = True
            else:
                if self._failing:
                    _log.info("recurring_work_succeeds_again", work=self._name)
                self._failing = False
            self._stopping.wait(self._seconds)
