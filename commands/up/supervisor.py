"""The supervisor: starts children in order, starts again what dies, stops them in reverse."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from commands.up.children import Child, Spec, tethered, working_folder
from commands.up.errors import StartError, StopAskedError
from commands.up.progress import Progress
from commands.up.runfile import RunFile

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.1
_MOST_BACK_OFF = 30.0
_STEADY_SECONDS = 60.0
_SAY_EVERY = 10.0


@dataclass(slots=True)
class _Watched:
    child: Child
    deaths: int = 0
    again_at: float | None = None
    says: list[str] = field(default_factory=list)


class Supervisor:
    """Owns the children of one run."""

    def __init__(self, logs: Path, runs: RunFile, progress: Progress) -> None:
        self._logs, self._runs, self._progress = logs, runs, progress
        self._watched: list[_Watched] = []
        self._stop_asked = False
        for number in _SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def start(self, specs: Sequence[Spec], seconds: float = 60.0) -> None:
        """Start children side by side and wait until each of them does its work.

        Raises:
            StartError: when one ends or is not ready in time; the text has its last words.
            StopAskedError: when somebody asked to stop meanwhile.
        """
        waiting = []
        for spec in specs:
            self._check()
            child = Child(spec, self._logs, self._runs)
            self._watched.append(_Watched(child))
            child.start()
            waiting.append(child)
        said_at = time.monotonic()
        while waiting:
            self._pause()
            waiting = [child for child in waiting if not self._is_ready(child, seconds)]
            if waiting and time.monotonic() - said_at > _SAY_EVERY:
                said_at = time.monotonic()
                names = ", ".join(child.spec.name for child in waiting)
                self._progress.say(f"Still waiting for: {names}")

    def run(self, spec: Spec, seconds: float = 600.0, *, show: bool = True) -> None:
        """Run a command to its end, showing each line it prints as a step unless told not to.

        Raises:
            StartError: when it fails, with the end of what it printed to its log.
        """
        self._check()
        log = Child(spec, self._logs, self._runs)
        with log.log.open("ab") as errors:
            process = subprocess.Popen(  # noqa: S603 - fixed commands of ours, no shell
                tethered(spec, self._runs.run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                cwd=working_folder(spec),
            )
        self._runs.record(spec.name, process.pid)
        try:
            self._relay(process, spec.name, seconds, show=show)
        finally:
            process.kill()
            process.wait()
            self._runs.forget(spec.name)
        if process.returncode:
            raise StartError(f"{spec.name} failed (log: {log.log}):\n{log.last_words()}")

    def watch(self) -> None:
        """Look after the children until somebody asks to stop."""
        while not self._stop_asked:
            time.sleep(_POLL_SECONDS)
            for watched in self._watched:
                self._look_after(watched)

    def stop(self) -> None:
        """Stop every child, the last started first; one Ctrl-C is enough, more change nothing."""
        for watched in reversed(self._watched):
            child = watched.child
            began = time.monotonic()
            running = child.pid is not None and child.poll() is None
            gently = child.stop()
            if running:
                how = "stopped" if gently else "had to be killed"
                took = time.monotonic() - began
                self._progress.say(f"{child.spec.name} {how} ({took:.1f} s)")
        self._watched.clear()

    def _look_after(self, watched: _Watched) -> None:
        child = watched.child
        now = time.monotonic()
        if watched.again_at is not None:
            if now >= watched.again_at:
                watched.again_at = None
                child.start()
                self._progress.say(f"{child.spec.name} runs again (process {child.pid})")
            return
        code = child.poll()
        if code is None:
            return
        child.clear()
        steady = now - child.started_at > _STEADY_SECONDS
        watched.deaths = 1 if steady else watched.deaths + 1
        delay = min(0.5 * 2 ** (watched.deaths - 1), _MOST_BACK_OFF)
        watched.again_at = now + delay
        self._progress.say(
            f"{child.spec.name} ended ({_why(code)}); starting it again in {delay:g} s "
            f"(log: {child.log})"
        )

    def _is_ready(self, child: Child, seconds: float) -> bool:
        code = child.poll()
        if code is not None:
            raise StartError(
                f"{child.spec.name} ended at its start ({_why(code)}). The end of {child.log}:\n"
                f"{child.last_words()}"
            )
        if child.spec.ready is None:
            self._progress.say(f"{child.spec.name} started (process {child.pid})")
            return True
        if child.spec.ready():
            self._progress.say(f"{child.spec.name} is ready (process {child.pid})")
            return True
        if time.monotonic() - child.started_at > seconds:
            raise StartError(
                f"{child.spec.name} was not ready after {seconds:g} s. The end of {child.log}:\n"
                f"{child.last_words()}"
            )
        return False

    def _relay(
        self, process: "subprocess.Popen[bytes]", name: str, seconds: float, *, show: bool
    ) -> None:
        """Show lines as they come; ask between them whether to stop."""
        assert process.stdout is not None  # noqa: S101 - opened as a pipe above
        deadline = time.monotonic() + seconds
        pending = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                self._check()
                if time.monotonic() > deadline:
                    raise StartError(f"{name} was not done after {seconds:g} s.")
                if not selector.select(_POLL_SECONDS):
                    continue
                received = os.read(process.stdout.fileno(), 65536)
                *lines, pending = (pending + received).split(b"\n")
                for line in lines if show else ():
                    self._progress.say(line.decode(errors="replace").rstrip())
                if not received:
                    process.wait()
                    return

    def _pause(self) -> None:
        time.sleep(_POLL_SECONDS / 2)
        self._check()

    def _check(self) -> None:
        if self._stop_asked:
            raise StopAskedError

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        if not self._stop_asked and number == signal.SIGINT and sys.stdout.isatty():
            self._progress.show("")
        self._stop_asked = True


def _why(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}"
