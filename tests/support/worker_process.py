"""The delivery worker as it really runs: Celery, drainer, slate log, in a process of its own."""

import base64
import subprocess
import sys
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
