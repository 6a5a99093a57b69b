"""Fixtures shared by all tests: a real PostgreSQL and a real Valkey from wheels, a clean database.

Servers live as long as the test run, in a temporary folder outside private ones (under root the
embedded PostgreSQL runs as a user of its own and must be able to reach its data).
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text

from commands.up.children import Spec, tethered, working_folder
from commands.up.postgres import Postgres
from commands.up.valkey import Valkey
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.migrate import migrate
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support import once

pytest_plugins = ["tests.support.world_fixtures"]

# No example fails for the time that it took, and each run tries the same ones: what chance finds
# belongs to a longer search than the one that decides whether a change is kept.
settings.load_profile("ci")

# No test pulls the plug of this server: what it keeps need not outlive the machine.
_HASTY = ("-c", "fsync=off", "-c", "full_page_writes=off")

# Set by .ci/run, where everything that tests lean on is installed: a skip fails the run.
NO_SKIPS = "SCHOOLMATCH_NO_SKIPS"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="fail when anything is skipped: CI installs what tests need",
    )


def pytest_configure(config: pytest.Config) -> None:
    folder = once.begin()
    if folder is not None:
        config.add_cleanup(lambda: once.end(folder))


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    refused = session.config.getoption("--no-skips") or os.getenv(NO_SKIPS) == "1"  # noqa: TID251
    if refused and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Folder of the embedded servers; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-tests-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(servers_folder: Path) -> Iterator[str]:
    """Address of an embedded PostgreSQL without databases of ours, tied to this process."""
    server = Postgres(servers_folder)
    _run_to_end(Spec("initdb", server.initdb(), user=server.user))
    server.finish()
    spec = server.spec()
    hasty = (*spec.command, *_HASTY)
    with _running(replace(spec, command=hasty), servers_folder):
        yield server.url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """Name of a migrated database that tests copy."""
    name = f"template_{uuid4().hex[:8]}"
    _administer(postgres_url, f'CREATE DATABASE "{name}"')
    engine = make_engine(_with_database(postgres_url, name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """Address of a migrated, empty database of this test alone."""
    name = f"test_{uuid4().hex[:12]}"
    # Files are copied in half the time that pages through the log take, where nothing is synced.
    copied = f'CREATE DATABASE "{name}" TEMPLATE "{template_database}" STRATEGY FILE_COPY'
    _administer(postgres_url, copied)
    yield _with_database(postgres_url, name)
    _administer(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Engine of this test's database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring() -> Keyring:
    """Fixed keys: nothing in tests is secret."""
    return Keyring({"test": b"m" * 32}, b"i" * 32)


@pytest.fixture
def unit_of_work(engine: Engine, keyring: Keyring) -> UnitOfWorkFactory:
    """Make units of work on this test's database."""
    return lambda: PostgresUnitOfWork(engine, keyring)


@pytest.fixture(scope="session")
def valkey_server(servers_folder: Path) -> Iterator[str]:
    """Address of an embedded Valkey, tied to this process."""
    server = Valkey(servers_folder, "nothing-secret")
    with _running(server.spec(), servers_folder):
        yield server.url


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    """Address of an emptied Valkey."""
    redis.Redis.from_url(valkey_server).flushall()
    return valkey_server


@contextmanager
def _running(spec: Spec, folder: Path) -> Iterator[None]:
    """Run a server of ours until the block ends; it is ready when the block begins."""
    log = folder / f"{spec.name}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            tethered(spec, "tests"), cwd=working_folder(spec), stdout=said, stderr=said
        )
        while not (spec.ready and spec.ready()):
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        yield
        process.send_signal(spec.stops[0][0])
        process.wait(30)


def _run_to_end(spec: Spec) -> None:
    subprocess.run(
        tethered(spec, "tests"), cwd=working_folder(spec), check=True, capture_output=True
    )


def _with_database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


def _administer(url: str, statement: str) -> None:
    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
