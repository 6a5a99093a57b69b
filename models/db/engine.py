"""Connections: one engine a process, made from its settings."""

import orjson
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url


def make_engine(  # noqa: PLR0913 - how its sessions are set
    url: str,
    *,
    pool_size: int = 10,
    statement_timeout_ms: int = 30_000,
    lock_timeout_ms: int = 0,
    ping: bool = True,
    name: str = "schoolmatch",
) -> Engine:
    """Open a pool of psycopg connections.

    Args:
        url: ``postgresql://…``; the driver is always psycopg 3.
        pool_size: connections kept; as many again may be opened under load.
        statement_timeout_ms: after this the server gives a statement up; 0: never.
        lock_timeout_ms: after so long a wait for a lock too; 0: never.
        ping: whether to ask a kept connection if it still lives before each use; not worth a trip
            to those who do everything again that fails.
        name: what the server calls these sessions.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=ping,
        pool_timeout=5,
        # A third of the time that Python's own takes; it reads whole numbers of 64 bits, and all of
        # ours are.
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "application_name": name,
            "options": f"-c statement_timeout={statement_timeout_ms} "
            f"-c lock_timeout={lock_timeout_ms} -c timezone=UTC",
        },
    )
