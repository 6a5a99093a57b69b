"""Finding and ending processes, never by pid alone: a pid is used again, its birth is not."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil


def birth_of(pid: int) -> str | None:
    """Say when a process was born, in words that no other process of that pid shares.

    None when it is gone; a zombie counts as gone.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if sys.platform != "linux":
            return f"{float(process.create_time()):.2f}"
        # Ticks since this boot: unlike a time of day, they do not move when the clock is set.
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path(f"/proc/{pid}/stat").read_text()
        return f"{boot}:{stat.rpartition(')')[2].split()[19]}"
    except (psutil.Error, OSError):
        return None


def session_of(leader: int, run: str) -> list[int]:
    """List the processes of a child's session that belong to a run, the leader left out."""
    found = []
    for pid in psutil.pids():
        with suppress(psutil.Error, OSError):
            if pid != leader and os.getsid(pid) == leader and _run_of(pid) == run:
                found.append(pid)
    return found


def _run_of(pid: int) -> str | None:
    environment: dict[str, str] = psutil.Process(pid).environ()
    return environment.get("SCHOOLMATCH_RUN")


def end(pids: Iterable[int], signals: Iterable[tuple[signal.Signals, float]]) -> list[int]:
    """Send each signal in turn and wait that many seconds for all to be gone; return who is left.

    Pids are tied to their births at the call, so that a pid reused meanwhile is left alone.
    """
    births = {pid: birth_of(pid) for pid in pids}
    for number, seconds in signals:
        for pid in _alive(births):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not _alive(births), seconds):
            break
    return _alive(births)


def _alive(births: dict[int, str | None]) -> list[int]:
    return [pid for pid, birth in births.items() if birth is not None and birth_of(pid) == birth]


def wait_until(done: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Poll until something is so, for that many seconds; tell whether it came to be."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(step)
    return True
