import socket
import time

import pytest
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from config.broker import Nudge, make_celery, publish_nudge
from config.queues import DELIVERY_QUEUE, MAINTENANCE_QUEUE, TRAINING_QUEUE
from tests.support.leads import eventually
from workers.schedule import make_beat


def _silent() -> socket.socket:
    """A broker that takes connections and never answers."""
    return socket.create_server(("127.0.0.1", 0))


def test_a_hint_never_makes_its_caller_wait_even_if_the_broker_hangs() -> None:
    with _silent() as broker:
        nudge = Nudge(make_celery(f"redis://127.0.0.1:{broker.getsockname()[1]}/0"))
        started = time.monotonic()
        for _ in range(1000):
            nudge()
        assert time.monotonic() - started < 0.2


def test_a_hint_to_a_dead_broker_fails_and_says_so() -> None:
    with _silent() as broker:
        port = broker.getsockname()[1]
    with pytest.raises(OperationalError):
        publish_nudge(make_celery(f"redis://127.0.0.1:{port}/0"))


def test_hints_arrive_as_json_and_do_not_pile_up_when_nobody_reads(redis_url: str) -> None:
    celery = make_celery(redis_url)
    published = [publish_nudge(celery) for _ in range(100)]
    client = redis.Redis.from_url(redis_url)
    assert client.llen(DELIVERY_QUEUE) == sum(published) == 64
    [message] = client.lrange(DELIVERY_QUEUE, 0, 0)
    assert b"application/json" in message
    client.close()


def test_many_hints_at_once_become_few_messages(redis_url: str) -> None:
    nudge = Nudge(make_celery(redis_url))
    for _ in range(500):
        nudge()
    client = redis.Redis.from_url(redis_url)
    assert eventually(lambda: client.llen(DELIVERY_QUEUE) >= 1)
    assert client.llen(DELIVERY_QUEUE) < 64
    client.close()


def _queues_of(celery: Celery) -> set[str]:
    routes = celery.conf.task_routes
    return {routes[entry["task"]]["queue"] for entry in celery.conf.beat_schedule.values()}


def test_what_recurs_goes_to_queues_that_workers_read() -> None:
    read = {DELIVERY_QUEUE, MAINTENANCE_QUEUE, TRAINING_QUEUE}
    assert _queues_of(make_beat("redis://127.0.0.1:1/0")) <= read


def test_no_setting_lets_celery_keep_or_retry_work() -> None:
    conf = make_celery("redis://127.0.0.1:1/0").conf
    assert conf.result_backend is None
    assert conf.task_ignore_result is True
    assert conf.task_publish_retry is False
    assert conf.accept_content == ["json"]
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_connection_max_retries is None
    assert (conf.enable_utc, conf.timezone) == (True, "UTC")
