"""Delivery workers that start within milliseconds, to be killed by the thousand.

python -m tests.support.forked_workers DATABASE_URL LEASE_SECONDS

Everything is imported once. For each line of its input a child is forked, which makes connections
and threads of its own and delivers until it is killed; its pid is printed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.delivery_worker import main


def serve(url: str, lease: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            main(url, lease)
        os.write(1, f"{pid}\n".encode())


class ForkedWorkers:
    """Starts workers; who asked for one kills it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self) -> int:
        """Return the pid of a new worker."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("one\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forked_workers(url: str, lease: float) -> Iterator[ForkedWorkers]:
    """Have such workers while the block lasts."""
    command = [sys.executable, "-m", "tests.support.forked_workers", url, str(lease)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield ForkedWorkers(process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    serve(*sys.argv[1:])
