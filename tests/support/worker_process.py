"""Delivery workers in processes of their own: a drainer alone, or all as it really runs."""

import base64
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def celery_worker(
    database_url: str, redis_url: str, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    key = base64.b64encode(b"k" * 32).decode()
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STORE": str(folder),
        "SECRET_KEY": key,
        "TOKEN_KEY": key,
        "RANKER_KEY": key,
        "MASTER_KEYS": "test:" + base64.b64encode(b"m" * 32).decode(),
        "INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
        "ALLOW_LOOPBACK": "true",
        "DESTINATION_PORTS": "any",
        "SENDERS": "4",
    }
    log = (folder / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "delivery"], env=settings, stderr=log, stdout=log
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
