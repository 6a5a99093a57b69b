"""The control: a Celery task for each delivery, which is what is built first.

python -m benchmarks._delivery.control BROKER_URL DATABASE_URL URL BODY_FILE      its worker

Each task writes its attempt's row and commits it, signs and posts the same body with urllib3 over a
kept connection, and commits the outcome. Eight threads, no results kept, nothing claimed, fenced,
rendered or encrypted: it does less than ours, and loses leads (tests/faults/naive).
"""

import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import urllib3
from celery import Celery
from sqlalchemy import text

from benchmarks._delivery.installation import Installation, wait_until
from config.broker import make_celery
from models.db.engine import make_engine
from models.domain.ids import Prefix, show
from models.exchange.signing import sign
from tests.support.leads import SIGNING_KEY, TestSchool

_TASK, _QUEUE, _THREADS = "control.deliver", "control", 8
_BEGIN = text("""
    INSERT INTO attempt (delivery_id, n, step, lease_token, started_at)
    VALUES (:id, 1, 'send', 0, clock_timestamp())
""")
_END = text("""
    WITH closed AS (
      UPDATE attempt SET finished_at = clock_timestamp(), outcome = 'delivered', code = :code
      WHERE delivery_id = :id)
    UPDATE delivery SET status = 'delivered', attempts = 1, settled_at = now() WHERE id = :id
""")
_RATE = (
    "SELECT (count(*) / extract(epoch FROM max(finished_at) - min(started_at)))::float8"
    " FROM attempt JOIN delivery d ON d.id = delivery_id"
    " WHERE d.destination_id = :destination AND d.generation = :generation"
)


def drain_by_tasks(
    at: Installation, school: TestSchool, generation: int, url: str, body: bytes
) -> float:
    """Send a task for each delivery that waits at a paused destination, then run its worker.

    Returns:
        Deliveries a second, from the first attempt's start to the last one's end.
    """
    where = {"destination": school.destination_id, "generation": generation}
    with at.engine.connect() as connection:
        waiting = (
            "SELECT id FROM delivery WHERE destination_id = :destination AND status = 'pending'"
        )
        ids = connection.execute(text(waiting), {"destination": school.destination_id}).scalars()
        shown = [str(each) for each in ids]
    at.receiver.report()
    celery = make_celery(at.redis_url)
    for each in shown:
        celery.send_task(_TASK, [each], queue=_QUEUE)
    file = at.folder / "body"
    file.write_bytes(body)
    module = [sys.executable, "-m", "benchmarks._delivery.control"]
    with (at.folder / "control.log").open("ab") as log:
        process = subprocess.Popen(
            [*module, at.redis_url, at.database_url, url, str(file)], stdout=log, stderr=log
        )
    try:
        wait_until(lambda: not at.left(school.destination_id), 600)
        time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    at.check(generation, school.destination_id)
    if len(at.receiver.report()["first"]) != len(shown):
        raise AssertionError("the receiver has not counted what the tasks sent")
    return float(at.one(_RATE, **where))


def make_app(broker_url: str, database_url: str, url: str, body: bytes) -> Celery:
    """Make the application with its one task."""
    app = make_celery(broker_url)
    engine = make_engine(database_url, pool_size=_THREADS, ping=False)
    pool = urllib3.PoolManager(num_pools=1, maxsize=_THREADS)

    def deliver(one: str) -> None:
        with engine.begin() as connection:
            connection.execute(_BEGIN, {"id": one})
        message_id, now = show(Prefix.DELIVERY, UUID(one)), int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(message_id, now, body, [SIGNING_KEY]),
        }
        answer = pool.request("POST", url, body=body, headers=headers, retries=False)
        with engine.begin() as connection:
            connection.execute(_END, {"id": one, "code": answer.status})

    app.task(name=_TASK, shared=False)(deliver)
    return app


if __name__ == "__main__":
    broker, database, place, content = sys.argv[1:]
    make_app(broker, database, place, Path(content).read_bytes()).worker_main(
        [
            "worker",
            "--pool=threads",
            f"--concurrency={_THREADS}",
            f"--queues={_QUEUE}",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
