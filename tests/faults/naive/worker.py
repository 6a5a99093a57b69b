"""What is built first, and what ours is measured against: one task for each delivery, by Celery.

It is no straw man. The row is written before the task is sent, an attempt's row before the first
byte leaves, and the outcome after the answer. What is missing is a ledger: the queue is the broker.

python -m tests.faults.naive.worker BROKER_URL DATABASE_URL
"""

import hashlib
import http.client
import json
import os
import sys
from urllib.parse import urlsplit
from uuid import UUID

from celery import Celery
from celery.signals import worker_ready
from sqlalchemy import text

from models.db.engine import make_engine
from models.domain.ids import Prefix, show

_FIND = text("""
    SELECT d.lead_id, v.settings ->> 'url' AS url FROM delivery d
    JOIN destination_version v ON v.destination_id = d.destination_id WHERE d.id = :id
""")
_BEGIN = text("""
    INSERT INTO attempt (delivery_id, n, step, lease_token, started_at)
    VALUES (:id, 1, 'send', 0, now())
""")
_END = text("UPDATE attempt SET finished_at = now(), outcome = :status WHERE delivery_id = :id")
_SETTLE = text("""
    UPDATE delivery SET status = :status, body_hash = :hash, settled_at = now() WHERE id = :id
""")


def make_app(broker_url: str, database_url: str) -> Celery:
    """Make the application with its one task."""
    app = Celery("naive", broker=broker_url, set_as_current=False)
    app.conf.task_publish_retry = False
    engine = make_engine(database_url)

    def deliver(shown: str) -> None:
        one = UUID(shown)
        with engine.begin() as connection:
            row = connection.execute(_FIND, {"id": one}).one()
            connection.execute(_BEGIN, {"id": one})
        body = json.dumps({"lead": str(row.lead_id)}).encode()
        where = urlsplit(row.url)
        posting = http.client.HTTPConnection(where.netloc, timeout=25)
        headers = {"webhook-id": show(Prefix.DELIVERY, one)}
        posting.request("POST", where.path, body, headers)
        status = "delivered" if posting.getresponse().status < 300 else "failed"
        with engine.begin() as connection:
            connection.execute(_END, {"id": one, "status": status})
            digest = hashlib.sha256(body).digest()
            connection.execute(_SETTLE, {"id": one, "status": status, "hash": digest})

    app.task(name="naive.deliver", shared=False)(deliver)
    return app


def _say_ready(**_: object) -> None:
    os.write(1, b"ready\n")  # Celery has taken sys.stdout for its log


if __name__ == "__main__":
    worker_ready.connect(_say_ready)
    make_app(*sys.argv[1:]).worker_main(
        ["worker", "--pool=threads", "--concurrency=4", "--loglevel=ERROR", "--without-gossip"]
    )
