"""Sealers killed at any moment, two at a time: no row without a place, none with two."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.chain import Chain
from models.proof.export import verify_rows
from models.proof.signing import Signer, is_signed

PROJECT = Path(__file__).parents[2]
ROWS, KILLS = 3000, 3
SIGNER = Signer("c1", b"c" * 32)
_FILL = text("""
    INSERT INTO audit (id, at, actor_kind, actor, action, subject, detail)
    SELECT gen_random_uuid(), now(), 'system', 'test', 'test', n::text, '{}'
    FROM generate_series(1, :rows) n
""")
_SEALED = text("SELECT count(*) FROM audit WHERE sequence IS NOT NULL")


@pytest.mark.slow
def test_killed_sealers_leave_a_whole_chain(
    engine: Engine, keyring: Keyring, database_url: str
) -> None:
    with engine.begin() as connection:
        connection.execute(_FILL, {"rows": ROWS})
    chance, seen = random.Random(8), []  # noqa: S311 - a test's
    for _ in range(KILLS):
        pair = [_start(database_url) for _ in range(2)]
        before = _count(engine)
        until = time.monotonic() + 30
        while _count(engine) == before and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        for process in pair:
            process.send_signal(signal.SIGKILL)
            process.wait()
        seen.append(_count(engine))
        assert seen[-1] > before
        assert _holds(engine, keyring) == ROWS - seen[-1]
    assert seen[-1] < ROWS, "the sealers were done before they were killed"
    last = _start(database_url)
    assert last.wait(60) == 0
    assert _holds(engine, keyring) == 0


def _start(database_url: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.support.sealer", json.dumps(database_url)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(_SEALED).scalar_one())


def _holds(engine: Engine, keyring: Keyring) -> int:
    """Check the chain; the rows that wait."""
    with PostgresUnitOfWork(engine, keyring) as work:
        lines = list(work.chains.lines(Chain.AUDIT))
    report = verify_rows("audit", lines, SIGNER.public, is_signed)
    assert report.problems == []
    ids = [line["row"]["subject"] for line in lines if line["row"]["kind"] == "audit"]
    assert len(ids) == len(set(ids)) == ROWS
    return report.unsealed
