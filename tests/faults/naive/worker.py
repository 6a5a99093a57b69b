"""What is built first, and what ours is measured against: one task for each delivery, by Celery.

It is no straw man. The row is written before the task is sent, an attempt's row before the first
byte leaves, and the outcome after the answer; where one destination does not take a lead that only
one may have, the next is asked. What is missing is a ledger: the queue is the broker.

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
from sqlalchemy import Connection, text

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
# The first of those still to be asked.
_NEXT = text("""
    UPDATE lead l SET route = l.route - 0 FROM lead was
    WHERE l.id = :lead AND was.id = l.id AND jsonb_array_length(was.route) > 0
    RETURNING CAST(was.route ->> 0 AS uuid) AS destination
""")
_ADD = text("""
    INSERT INTO delivery
      (id, lead_id, destination_id, purpose, status, created_at, due_at, expires_at)
    VALUES (gen_random_uuid(), :lead, :destination, 'lead', 'pending', now(), now(),
            now() + interval '1 day')
    RETURNING id
""")


def _post(url: str, headers: dict[str, str], body: bytes) -> str:
    where = urlsplit(url)
    posting = http.client.HTTPConnection(where.netloc, timeout=25)
    try:
        posting.request("POST", where.path, body, headers)
        return "delivered" if posting.getresponse().status < 300 else "failed"
    except (OSError, http.client.HTTPException):
        return "failed"
    finally:
        posting.close()


def _ask_next(connection: Connection, lead: UUID) -> UUID | None:
    following = connection.execute(_NEXT, {"lead": lead}).scalar()
    if following is None:
        return None
    made: UUID = connection.execute(_ADD, {"lead": lead, "destination": following}).scalar_one()
    return made


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
        status = _post(row.url, {"webhook-id": show(Prefix.DELIVERY, one)}, body)
        with engine.begin() as connection:
            connection.execute(_END, {"id": one, "status": status})
            digest = hashlib.sha256(body).digest()
            connection.execute(_SETTLE, {"id": one, "status": status, "hash": digest})
            following = _ask_next(connection, row.lead_id) if status == "failed" else None
        if following is not None:
            app.tasks["naive.deliver"].delay(str(following))

    app.task(name="naive.deliver", shared=False)(deliver)
    return app


def _say_ready(**_: object) -> None:
    os.write(1, b"ready\n")  # Celery has taken sys.stdout for its log


if __name__ == "__main__":
    worker_ready.connect(_say_ready)
    make_app(*sys.argv[1:]).worker_main(
        ["worker", "--pool=threads", "--concurrency=4", "--loglevel=ERROR", "--without-gossip"]
    )
