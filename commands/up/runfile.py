"""The run file: who runs on a data folder, so that a run that was killed leaves nobody behind.

``run.json`` names the supervisor and every child by pid and birth. A lock held by the living
supervisor says whether the file is news or history.
"""

import fcntl
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from commands.up.errors import StartError
from commands.up.processes import birth_of, end, session_of

S = signal.Signals
# PostgreSQL must not be told SIGTERM (it waits for its clients) and is only killed at the very end.
_ENDINGS = {
    "postgres": ((S.SIGINT, 10.0), (S.SIGQUIT, 5.0), (S.SIGKILL, 5.0)),
    "other": ((S.SIGTERM, 5.0), (S.SIGKILL, 5.0)),
}


class RunFile:
    """The record of one run on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.run = uuid4().hex
        self._folder = folder
        self._file = folder / "run.json"
        self._children: dict[str, dict[str, Any]] = {}
        self._lock: IO[str] | None = None

    def acquire(self) -> None:
        """Take the folder for this process, until it ends in whatever way.

        Raises:
            StartError: when another run has it; the text names its pid.
        """
        lock = (self._folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            pid = self._read().get("supervisor", {}).get("pid", "unknown")
            raise StartError(
                f"Another `schoolmatch up` runs on {self._folder}: process {pid}.\n"
                "Stop it with Ctrl-C in its terminal, or choose another folder with --data."
            ) from None
        self._lock = lock

    def end_leftovers(self) -> list[str]:
        """End what a killed run left, matching pid and birth; return the names of what was ended.

        Called with the lock held, so that the run the file tells of is over.
        """
        history = self._read()
        ended = []
        for name, child in reversed(history.get("children", {}).items()):
            pids = session_of(child["pid"], history["run"])
            if birth_of(child["pid"]) == child["birth"]:
                pids.insert(0, child["pid"])
            if not pids:
                continue
            left = end(pids, _ENDINGS["postgres" if name == "postgres" else "other"])
            if left:
                raise StartError(f"{name} of an earlier run (process {left[0]}) does not end.")
            ended.append(name)
        return ended

    def record(self, name: str, pid: int) -> None:
        """Note a child that was started."""
        self._children[name] = {"pid": pid, "birth": birth_of(pid)}
        self.write()

    def write(self) -> None:
        """Write the file whole or not at all."""
        me = {"pid": os.getpid(), "birth": birth_of(os.getpid())}
        document = {"run": self.run, "supervisor": me, "children": self._children}
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(document, indent=1))
        draft.replace(self._file)

    def forget(self, name: str) -> None:
        """Note that a child ended and none of its own are left."""
        if self._children.pop(name, None) is not None:
            self.write()

    def close(self) -> None:
        """Say that nobody runs here any more."""
        self._file.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            document = json.loads(self._file.read_text())
            if isinstance(document, dict):
                return document
        return {}
