"""The topology of docker-compose.yml as plain processes: two web workers behind one port, two
delivery workers, beat, PostgreSQL and Valkey.
"""

import http.client
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from tests.support.asking import SEARCH, Asker, NotAnsweredError, askable
from tests.support.installation import eventually
from tests.support.ports import lasting_port
from tests.support.topology import Topology

# A whole topology takes a minute to stand and to fall.
pytestmark = pytest.mark.slow

DELIVERY_WORKERS = ("worker-1", "worker-2")


class Line:
    """A connection that stays open, and so leads to one and the same web worker."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._connection.connect()

    @property
    def own_port(self) -> int:
        """This end's port."""
        return int(self._connection.sock.getsockname()[1])

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Send JSON over this connection."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        self._connection.request("POST", path, json.dumps(body), sent)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@pytest.fixture(scope="module")
def topology(
    postgres_url: str, template_database: str, valkey_server: str, servers_folder: Path
) -> Iterator[Topology]:
    """Everything that the compose file starts, and the demonstration school."""
    assert template_database  # the servers run; prepare makes the schema in a database of its own
    folder = servers_folder / "topology"
    folder.mkdir()
    servers = {"DATABASE_URL": postgres_url, "REDIS_URL": valkey_server}
    running = Topology(folder, lasting_port(), servers)
    school, school_port = folder / "school" / "config.json", lasting_port()
    try:
        running.run("prepare", "--school-file", str(school), "--school-port", str(school_port))
        running.start_school(school, school_port)
        running.start("web")
        for name in DELIVERY_WORKERS:
            running.start(name, "worker")
        running.start("beat")
        asker = Asker(running.port)
        eventually(lambda: _answers(asker), 60)
        yield running
    finally:
        running.kill()


def _answers(asker: Asker) -> bool:
    try:
        return bool(asker.ask("GET", "/readyz")["ready"])
    except NotAnsweredError:
        return False


@pytest.fixture
def lines(topology: Topology) -> Iterator[tuple[Line, Line]]:
    """A connection to each of the two web workers."""
    opened: dict[int, Line] = {}
    spare = []
    for _ in range(200):
        line = Line(topology.port)
        # Only an answered call says that somebody took the connection.
        assert line.post("/api/v1/fields", {"text": "nursing"})[0] == 200
        opened.setdefault(_who_answers(topology, line), line)
        spare.append(line)
        if len(opened) == 2:
            break
    assert len(opened) == 2, "all connections led to one web worker"
    first, second = opened.values()
    yield first, second
    for line in spare:
        line.close()


def _web_workers(topology: Topology) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(topology.pid("web")).children()
    return found


def _who_answers(topology: Topology, line: Line) -> int:
    """The process that holds the other end of a connection."""
    for process in _web_workers(topology):
        for connection in process.net_connections("tcp"):
            if connection.raddr and connection.raddr.port == line.own_port:
                return int(process.pid)
    raise AssertionError("no web worker holds this connection")


def test_two_web_workers_share_one_port_and_each_answers_for_slates_of_the_other(
    topology: Topology, lines: tuple[Line, Line]
) -> None:
    assert len(_web_workers(topology)) == 2
    for drew, answers in (lines, lines[::-1]):
        status, matches = drew.post("/api/v1/matches", SEARCH)
        assert status == 200
        status, second_page = answers.post(
            "/api/v1/matches", {"slate_id": matches["slate_id"], "page": 2}
        )
        assert status == 200
        assert second_page["results"][0]["position"] == len(matches["results"]) + 1
        body = Asker(topology.port).body(matches, askable(matches)[0])
        key = {"Idempotency-Key": uuid4().hex}
        status, accepted = answers.post("/api/v1/requests", body, key)
        assert status == 202, accepted
        # Sent again to the other one, the same key gets the same answer.
        assert drew.post("/api/v1/requests", body, key) == (202, accepted)
        _arrives_once(topology, accepted["leads"][0]["lead_id"])


def test_healthchecks_tell_a_working_process_from_one_that_hangs(topology: Topology) -> None:
    for name in DELIVERY_WORKERS:
        eventually(lambda: topology.healthy(name, "worker"))  # noqa: B023 - used now
    assert topology.healthy("web")
    os.kill(topology.pid("worker-2"), signal.SIGSTOP)
    try:
        assert not topology.healthy("worker-2", "worker")
    finally:
        os.kill(topology.pid("worker-2"), signal.SIGCONT)


def test_a_slate_is_the_same_whichever_web_worker_is_asked(
    lines: tuple[Line, Line],
) -> None:
    """Invariant 8: a slate is one draw, seeded by its id."""
    first, second = lines
    _, matches = first.post("/api/v1/matches", SEARCH)
    again = {"slate_id": matches["slate_id"], "page": 1}
    assert first.post("/api/v1/matches", again) == second.post("/api/v1/matches", again)


def test_with_one_delivery_worker_killed_the_other_delivers_everything(
    topology: Topology,
) -> None:
    asker = Asker(topology.port)
    matches = asker.search()
    chosen = askable(matches)
    os.kill(topology.pid("worker-1"), signal.SIGKILL)
    bodies = [asker.body(matches, listing) for listing in chosen]
    accepted = [asker.send(body, uuid4().hex) for body in bodies]
    leads = [lead["lead_id"] for each in accepted for lead in each["leads"]]
    assert len(leads) == len(chosen) >= 2
    for lead in leads:
        _arrives_once(topology, lead)


def test_sigterm_stops_every_process_within_its_grace_period(topology: Topology) -> None:
    """The last test of this file: what Docker does at the end."""
    codes = topology.stop()
    assert codes.pop("worker-1") == -signal.SIGKILL  # killed above
    assert codes == dict.fromkeys(codes, 0)


def _arrives_once(topology: Topology, lead_id: str) -> None:
    def arrived() -> list[Any]:
        return [each for each in topology.received() if lead_id in each["body"]]

    eventually(arrived, 20)
    [record] = arrived()
    assert record["verified"]
    assert record["duplicates"] == 0
