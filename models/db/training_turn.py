"""One training at a time, on however many machines: a lock of the database's session.

The lock ends with its connection: who is killed, or whose machine is lost, leaves the way free
without anybody waiting for a lease. A transaction would do the same and hold back vacuuming.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

_KEY = {"key": 5_703_294_418_001}
_TRY = text("SELECT pg_try_advisory_lock(:key)")
_LEAVE = text("SELECT pg_advisory_unlock(:key)")


@contextmanager
def training_turn(engine: Engine) -> Iterator[bool]:
    """Enter with whether the turn is ours; it is until the block ends or the connection does."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = bool(connection.execute(_TRY, _KEY).scalar())
        try:
            yield ours
        finally:
            if ours:
                # A connection that is lost took the lock with it.
                with suppress(DBAPIError):
                    connection.execute(_LEAVE, _KEY)
