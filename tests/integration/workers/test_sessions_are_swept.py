"""What was typed goes when its time is over, also when no visitor comes by."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from config.queues import SESSIONS_TASK
from models.domain.clock import SystemClock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support.world import make_settings
from workers.app import make_delivery_worker
from workers.schedule import ENTRIES


def test_invariant_11_beat_has_workers_end_expired_sessions(
    engine: Engine,
    unit_of_work: UnitOfWorkFactory,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
) -> None:
    now = SystemClock().now()
    with unit_of_work() as work:
        work.sessions.add("over", b"{}", now - timedelta(hours=3), now - timedelta(hours=1))
        work.sessions.add("alive", b"{}", now, now + timedelta(hours=1))
    worker = make_delivery_worker(make_settings(tmp_path, database_url, redis_url))
    [entry] = [entry for entry in ENTRIES.values() if entry["task"] == SESSIONS_TASK]
    worker.tasks[entry["task"]]()
    with engine.connect() as connection:
        left = connection.execute(text("SELECT token_hash FROM web_session")).scalars().all()
    assert left == ["alive"]
