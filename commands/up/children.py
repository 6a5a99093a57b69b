"""Children: commands that run as long as we do, each with a log, a way to be ready and to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from commands.place import project_folder
from commands.up.processes import end, session_of, wait_until
from commands.up.runfile import RunFile

S = signal.Signals
_TETHER = Path(__file__).with_name("tether.py")
_LARGEST_LOG = 10_000_000


class User(NamedTuple):
    """Whom a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Spec:
    """What a child is.

    ``ready`` says whether it does its work by now, where it can be asked; ``stops`` are the
    signals that end it, each with the seconds it may take.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] | None = None
    stops: tuple[tuple[signal.Signals, float], ...] = ((S.SIGTERM, 10.0), (S.SIGKILL, 5.0))
    user: User | None = None
    before: Callable[[], None] | None = None


class Child:
    """One running child: its process, and everything that process started in its session."""

    def __init__(self, spec: Spec, logs: Path, runs: RunFile) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self._runs = runs
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def start(self) -> None:
        """Start it; called from the main thread only, to whose life the kernel ties it."""
        if self.spec.before is not None:
            self.spec.before()
        _rotate(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - fixed commands of ours, no shell
                tethered(self.spec, self._runs.run),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=working_folder(self.spec),
            )
        self.started_at = time.monotonic()
        self._runs.record(self.spec.name, self._process.pid)

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    def poll(self) -> int | None:
        """Return the exit code once it has ended."""
        return self._process.poll() if self._process else None

    def clear(self) -> None:
        """End what a dead child left of its own, so that nobody goes on serving."""
        if self._process is not None:
            end(session_of(self._process.pid, self._runs.run), ((S.SIGKILL, 5.0),))

    def stop(self) -> bool:
        """End it in its own way; tell whether it went without being killed."""
        if self._process is None:
            return True
        gently = True
        for number, seconds in self.spec.stops:
            if self.poll() is not None:
                break
            gently = number is not S.SIGKILL
            self._process.send_signal(number)
            wait_until(lambda: self.poll() is not None, seconds)
        self.clear()
        self._runs.forget(self.spec.name)
        return gently

    def last_words(self, lines: int = 15) -> str:
        """Return the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def tethered(spec: Spec, run: str) -> list[str]:
    """Write the command line that ties a child to this process."""
    uid, gid = (str(n) for n in spec.user) if spec.user else ("-", "-")
    tie = [str(os.getpid()), str(int(spec.stops[0][0])), uid, gid, run, "--"]
    return [sys.executable, "-I", "-S", str(_TETHER), *tie, *spec.command]


def working_folder(spec: Spec) -> Path:
    """Where a child works: a user of its own may not be able to reach the project."""
    return Path("/") if spec.user else project_folder()


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Write the command line of a Python program of ours."""
    return (sys.executable, "-m", name, *arguments)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
