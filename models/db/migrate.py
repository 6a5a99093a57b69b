"""Bring a database to the newest schema; safe to run from several processes at once.

Not with the settings of those who serve: a big table's migration may take longer than any statement
of theirs may, and may not hold them up. Whoever waits for a table's strongest lock makes everybody
behind it wait too, readers as well; so it waits for a moment only, lets them all pass, and tries
again.
"""

import time
from collections.abc import Callable
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from models.db.engine import make_engine
from models.db.partitions import make_partitions
from models.domain.errors import ConflictError

_log = structlog.get_logger(__name__)

# A table that is there while a restore is under way: what one that was killed left is half a
# database, perhaps with people in it who were erased, and is for the next restore to remove.
RESTORING = "restore_under_way"
_HALF_RESTORED = text("SELECT to_regclass(:name) IS NOT NULL")

# Any constant will do: it only has to be the same in every process that migrates.
_LOCK = 7_034_117
# How long others may have to wait behind a lock that is waited for, at a time.
_MOST_QUEUED_MS = 500
_PATIENCE_SECONDS = 600.0
_FIRST_PAUSE, _LONGEST_PAUSE, _TURN_PAUSE = 0.2, 5.0, 0.2


def migrate(engine: Engine, *, restoring: bool = False) -> None:
    """Run what is missing, each migration in a transaction of its own, while other starts wait.

    Args:
        engine: of the database; its own connections are not used.
        restoring: whether this is the restore that is under way.

    Raises:
        ConflictError: when a restore is under way, or was killed.
        TimeoutError: when others held a table that must change for ten minutes on end.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    url = engine.url.render_as_string(hide_password=False)
    ours = make_engine(
        url,
        pool_size=1,
        statement_timeout_ms=0,
        lock_timeout_ms=_MOST_QUEUED_MS,
        name="schoolmatch migrate",
    )
    try:
        with ours.connect() as connection:
            _wait_for_turn(connection)
            if not restoring:
                _refuse_half(connection)
            config.attributes["connection"] = connection
            _insist(connection, lambda: command.upgrade(config, "head"))
            _insist(connection, lambda: _partitions(connection))
    finally:
        ours.dispose()  # ends the session, and its turn


def _wait_for_turn(connection: Connection) -> None:
    """Look again and again rather than wait in the database.

    A statement that waits there keeps a snapshot, which an index that is built beside all else
    would wait for.
    """
    while True:
        with connection.begin():
            asked = connection.execute(text("SELECT pg_try_advisory_lock(:k)"), {"k": _LOCK})
            if asked.scalar_one():
                return
        time.sleep(_TURN_PAUSE)


def _refuse_half(connection: Connection) -> None:
    with connection.begin():
        if connection.execute(_HALF_RESTORED, {"name": RESTORING}).scalar_one():
            raise ConflictError("A restore of this database was not finished: restore it again.")


def _insist(connection: Connection, run: Callable[[], object]) -> None:
    """Do it again for as long as others hold what it needs; what was finished stays."""
    give_up, pause = time.monotonic() + _PATIENCE_SECONDS, _FIRST_PAUSE
    while True:
        try:
            try:
                run()
            finally:
                connection.rollback()  # what alembic only read, or failed at
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            if time.monotonic() > give_up:
                raise TimeoutError("a table that must change was in use for ten minutes") from error
            _log.warning("migration_waits", seconds=pause)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


def _partitions(connection: Connection) -> None:
    with connection.begin():
        make_partitions(connection)
