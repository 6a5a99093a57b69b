"""Workers in processes of their own: a drainer alone, or all as it really runs."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.environment import installation


@contextmanager
def celery_worker(
    database_url: str,
    redis_url: str,
    folder: Path,
    role: str = "delivery",
    logs: Path | None = None,
    *,
    senders: int = 4,
) -> Iterator[subprocess.Popen[bytes]]:
    settings = installation(
        database_url,
        folder,
        REDIS_URL=redis_url,
        STORE=str(folder),
        DESTINATION_PORTS="any",
        SENDERS=str(senders),
    )
    log = ((logs or folder) / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", role], env=settings, stderr=log, stdout=log
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@contextmanager
def worker(url: str, lease: float, failpoint: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A drainer with a short lease, perhaps with a point at which it dies."""
    command = [sys.executable, "-m", "tests.support.delivery_worker", url, str(lease), failpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        # What it logs is read away, so that a full pipe cannot stop it.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield process
        finally:
            process.kill()
