"""The broker stands still, is full, or lost the end of its file: hints are late, leads are not."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from commands.up.children import tethered, working_folder
from commands.up.valkey import Valkey
from config.broker import Nudge, make_celery
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken
from tests.support.worker_process import celery_worker
from workers.destinations.webhook.mock import MockReceiver

pytestmark = pytest.mark.slow


@dataclass
class Broker:
    """A Valkey as the service runs it: its file on, nothing evicted."""

    server: Valkey
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        spec = self.server.spec()
        self.process = subprocess.Popen(
            tethered(spec, "tests"),
            cwd=working_folder(spec),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert eventually(lambda: spec.ready is not None and bool(spec.ready()), 60)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()


@contextmanager
def _broker(folder: Path) -> Iterator[Broker]:
    broker = Broker(Valkey(folder, "nothing-secret"), folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def stands_still(broker: Broker) -> None:
    assert broker.process is not None
    broker.process.send_signal(signal.SIGSTOP)


def is_full(broker: Broker) -> None:
    client = redis.Redis.from_url(broker.server.url)
    client.config_set("maxmemory", "1")
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.lpush("more", "than fits")
    client.close()


def lost_the_end_of_its_file(broker: Broker) -> None:
    broker.kill()
    cut = [f for f in broker.folder.rglob("*.aof") if f.stat().st_size > 16]
    assert cut
    for file in cut:
        os.truncate(file, file.stat().st_size - 8)
    broker.start()


@pytest.mark.parametrize("fault", [stands_still, is_full, lost_the_end_of_its_file])
def test_a_broker_in_trouble_delays_and_loses_nothing_invariant_9(
    leads: Leads,
    database_url: str,
    tmp_path: Path,
    servers_folder: Path,
    fault: Callable[[Broker], None],
) -> None:
    folder = servers_folder / fault.__name__
    folder.mkdir()
    with _broker(folder) as broker, MockReceiver() as receiver:
        nudge = Nudge(make_celery(broker.server.url))
        school = leads.school(receiver.url)
        with celery_worker(database_url, broker.server.url, tmp_path) as process:
            ids = [leads.delivery(school)]
            nudge()
            assert receiver.wait_for(1, 60)
            fault(broker)
            for n in range(2, 5):
                ids.append(leads.delivery(school))
                nudge()
                assert receiver.wait_for(n, 60)
            assert eventually(lambda: set(leads.statuses()) == {"delivered"}, 30)
            process.kill()
    assert broken(leads.engine, History(ids, receiver.received)) == []


def test_a_worker_goes_on_beside_a_broker_that_is_full_for_long_invariant_9(
    leads: Leads, database_url: str, tmp_path: Path, servers_folder: Path
) -> None:
    """Celery writes there by itself, when it starts and every ten seconds."""
    folder = servers_folder / "full_for_long"
    folder.mkdir()
    with _broker(folder) as broker, MockReceiver() as receiver:
        is_full(broker)
        school = leads.school(receiver.url)
        with celery_worker(database_url, broker.server.url, tmp_path) as process:
            for n in range(1, 5):
                leads.delivery(school)
                assert receiver.wait_for(n, 20)
                # Longer than its rounds, in all; a worker that has ended shows at once.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(4)
                assert process.poll() is None
            process.terminate()
            assert process.wait(60) == 0
