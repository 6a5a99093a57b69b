"""The pulse of a training run: a sign of life each second, and ears for who wants it to end.

A fit takes minutes inside scikit-learn, where nobody asks. Between two trees Python runs, and with
it the handler of a signal: so a run ends within a second or so wherever it is, and what it was
writing is a draft that nobody sees.
"""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType, TracebackType
from typing import Self

import structlog

from models.domain.clock import Clock
from models.domain.errors import SchoolmatchError, TransitionError
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.training import Step, TrainingRun

_SIGNAL = signal.SIGUSR2
_log = structlog.get_logger(__name__)


class CancelledError(SchoolmatchError):
    """Somebody cancelled the run."""


class StoppedError(SchoolmatchError):
    """The worker was told to stop; the run waits for the next one."""


class SupersededError(SchoolmatchError):
    """Another took the run, or ended it: nothing more may be written."""


class TooLongError(SchoolmatchError):
    """The run took longer than it may."""


class Pulse:
    """Writes steps and signs of life, and interrupts the block when the run shall end.

    Args:
        run: as it was taken.
        unit_of_work: opens a transaction.
        clock: tells the time.
        told: what ends the run, at a moment, other than its row; None while nothing does.
    """

    EVERY = 1.0

    def __init__(
        self,
        run: TrainingRun,
        unit_of_work: UnitOfWorkFactory,
        clock: Clock,
        told: Callable[[datetime], SchoolmatchError | None],
    ) -> None:
        self.run = run
        self._unit_of_work, self._clock, self._told = unit_of_work, clock, told
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._why: SchoolmatchError | None = None
        self._armed = False
        self._inside: int | None = None
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def step(self, step: Step | None) -> None:
        """Go on to a step, None after the last.

        Raises:
            CancelledError: when the run shall end; or one of its sisters.
        """
        self._interrupt(0, None)
        with self._writing:
            self._write(self.run.at_step(step, self._clock.now()))

    def __enter__(self) -> Self:
        """Begin; only a main thread can be interrupted, any other ends with its step."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(_SIGNAL, self._interrupt)
            self._inside = threading.get_ident()
        self._armed = True
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; nothing is interrupted any more."""
        self._armed = False
        self._ended.set()
        self._thread.join()
        if self._inside is not None:
            signal.signal(_SIGNAL, self._before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed and self._why is not None:
            self._armed = False
            raise self._why

    def _beat(self) -> None:
        while not self._ended.wait(self.EVERY):
            try:
                self._why = self._listen()
            except Exception as error:  # noqa: BLE001 - the database comes back, or the run fails
                _log.warning("training_pulse_missed", error=type(error).__name__)
            if self._why is not None:
                if self._inside is not None:
                    signal.pthread_kill(self._inside, _SIGNAL)
                return

    def _listen(self) -> SchoolmatchError | None:
        now = self._clock.now()
        told = self._told(now)
        if told is not None:
            return told
        with self._writing, self._unit_of_work() as work:
            kept = work.training_runs.get(self.run.id)
            if (kept.state, kept.attempts) != (self.run.state, self.run.attempts):
                return SupersededError("Another took this run, or ended it.")
            if kept.cancel_asked:
                return CancelledError("Somebody cancelled it.")
            self.run = self.run.seen(now)
            work.training_runs.save(kept, self.run)
        return None

    def _write(self, after: TrainingRun) -> None:
        try:
            with self._unit_of_work() as work:
                work.training_runs.save(self.run, after)
        except TransitionError as error:
            raise SupersededError("Another took this run, or ended it.") from error
        self.run = after
