"""The Celery application both doors share: hints only, never work that could be lost.

The database is the queue. A message here says "look now" and nothing else, so every setting
prefers failing fast over holding on: no result backend, no publish retries, JSON only.
"""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery

from config.queues import (
    DELIVERY_QUEUE,
    FORGET_LOGS_TASK,
    FORGET_TASK,
    MAINTENANCE_QUEUE,
    NUDGE_TASK,
    PARTITIONS_TASK,
    SESSIONS_TASK,
    STATEMENTS_TASK,
    TRAINING_QUEUE,
    TRAINING_TASK,
    WATCH_TASK,
)

_log = structlog.get_logger(__name__)

# Seconds. Connecting and answering are local affairs; more means the broker is away.
_CONNECT_TIMEOUT = 0.5
_ANSWER_TIMEOUT = 5.0
_HINTS_KEPT = 64


def make_celery(broker_url: str) -> Celery:
    """Make the application; it connects to nothing until it is used.

    Args:
        broker_url: Redis or Valkey, such as ``redis://host:6379/0``.
    """
    celery = Celery("schoolmatch", broker=broker_url, set_as_current=False)
    celery.conf.update(
        # Hints, not work: no results, no second tries, nothing but JSON.
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        task_send_sent_event=False,
        # One zone everywhere.
        enable_utc=True,
        timezone="UTC",
        # A worker outlives its broker: it delivers without hints until the broker is back.
        broker_connection_retry_on_startup=True,
        broker_connection_retry=True,
        # Else one that is full, and says so, ends the worker within ten seconds.
        broker_channel_error_retry=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=_CONNECT_TIMEOUT,
        broker_transport_options={
            "socket_connect_timeout": _CONNECT_TIMEOUT,
            "socket_timeout": _ANSWER_TIMEOUT,
            "socket_keepalive": True,
            "retry_on_timeout": False,
            "max_retries": 1,
        },
        task_default_queue=DELIVERY_QUEUE,
        task_routes={
            NUDGE_TASK: {"queue": DELIVERY_QUEUE},
            FORGET_TASK: {"queue": MAINTENANCE_QUEUE},
            PARTITIONS_TASK: {"queue": MAINTENANCE_QUEUE},
            SESSIONS_TASK: {"queue": MAINTENANCE_QUEUE},
            STATEMENTS_TASK: {"queue": MAINTENANCE_QUEUE},
            TRAINING_TASK: {"queue": TRAINING_QUEUE},
            WATCH_TASK: {"queue": TRAINING_QUEUE},
            FORGET_LOGS_TASK: {"queue": TRAINING_QUEUE},
        },
        # Each process sets up its own logs; ours never hold personal data.
        worker_hijack_root_logger=False,
    )
    return celery


class Nudge:
    """Sends "look now" to workers without ever making its caller wait.

    Calls only set an event; a thread of its own publishes, many calls as one message. When the
    broker is away the hint is dropped: workers poll the database each second anyway. When nobody
    reads, no more than a few hints pile up.
    """

    def __init__(self, celery: Celery, task: str = NUDGE_TASK, queue: str = DELIVERY_QUEUE) -> None:
        self._celery, self._task, self._queue = celery, task, queue
        self._asked = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """Ask for a hint; returns at once."""
        self._asked.set()
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                publish_nudge(self._celery, self._task, self._queue)
            except Exception as error:  # noqa: BLE001 - a hint that fails is harmless by design
                _log.warning("nudge_dropped", error=type(error).__name__)


def publish_nudge(celery: Celery, task: str = NUDGE_TASK, queue: str = DELIVERY_QUEUE) -> bool:
    """Publish one hint now, unless enough of them wait to be read.

    Args:
        celery: the application.
        task: what shall look.
        queue: whose workers.

    Returns:
        Whether a hint was published.

    Raises:
        Exception: whatever the broker's client raises when the broker is away.
    """
    with celery.producer_pool.acquire(block=True, timeout=1) as producer:
        waiting: Callable[[str], Any] = producer.channel.client.llen
        if waiting(queue) >= _HINTS_KEPT:
            return False
        celery.send_task(task, queue=queue, producer=producer, retry=False, ignore_result=True)
    return True
