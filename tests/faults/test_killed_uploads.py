"""Workers killed while a file is on its way: one file comes of it, whole, under the first name."""

import csv
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from tests.support.leads import STUDENT, Leads, eventually
from tests.support.relay import Relay, relay
from tests.support.sshd import Sshd, sshd
from tests.support.worker_process import worker

LEADS = 12
# Long enough for the file to be on its way for a while.
STUDENT_OF_MANY_WORDS = {**STUDENT, "last_name": "Example " * 1000}
LEASE = 1.0


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path) as running:
        yield running


def made_leads(leads: Leads, server: Sshd, port: int, unitid: int) -> list[UUID]:
    folder = server.folder / str(unitid)
    folder.mkdir()
    settings = server.settings(port=str(port), folder=str(folder))
    school = leads.school_of_kind("sftp_csv", settings, server.secrets, unitid=unitid)
    return [leads.delivery(school, student=STUDENT_OF_MANY_WORDS) for _ in range(LEADS)]


def bytes_of_a_trip(leads: Leads, server: Sshd, between: Relay, database_url: str) -> int:
    """How much a worker sends that is not killed."""
    ids = made_leads(leads, server, between.port, 100)
    with worker(database_url, LEASE):
        assert all_delivered(leads, ids)
    total, between.sent = between.sent, 0
    assert total > LEADS * 8000
    return total


def all_delivered(leads: Leads, ids: list[UUID]) -> bool:
    return eventually(lambda: {leads.row(each).status for each in ids} == {"delivered"}, 20)


def check_one_whole_file(leads: Leads, server: Sshd, unitid: int, ids: list[UUID]) -> None:
    """One file, every lead in it once, frozen before the first byte: whoever sent it."""
    [file] = (server.folder / str(unitid)).iterdir()
    with file.open(newline="") as opened:
        found = Counter(row["delivery_id"] for row in csv.DictReader(opened))
    assert found == Counter(show(Prefix.DELIVERY, each) for each in ids)
    attempts = [attempt for each in ids for attempt in leads.attempts(each)]
    [batch_id] = {attempt.batch_id for attempt in attempts}
    assert file.name == f"schoolmatch-{_name(leads, batch_id)}.csv"
    assert Counter(attempt.outcome for attempt in attempts) == {
        "pending": LEADS,  # the worker that was lost
        "delivered": LEADS,
    }


def _name(leads: Leads, batch_id: Any) -> Any:
    with leads.engine.begin() as connection:
        query = text("SELECT name FROM batch WHERE id = :id")
        return connection.execute(query, {"id": batch_id}).scalar_one()


def kill_at(
    leads: Leads, server: Sshd, between: Relay, database_url: str, *, unitid: int, after: int
) -> None:
    ids = made_leads(leads, server, between.port, unitid)
    between.sent, between.stop_after = 0, after
    with worker(database_url, LEASE) as doomed:
        between.then = doomed.kill
        assert doomed.wait(20) == -signal.SIGKILL
    between.stop_after = None
    with worker(database_url, LEASE):
        assert all_delivered(leads, ids)
    check_one_whole_file(leads, server, unitid, ids)


def test_a_worker_killed_halfway_through_a_file_leaves_no_half_of_it(
    leads: Leads, server: Sshd, database_url: str
) -> None:
    with relay(server.port) as between:
        total = bytes_of_a_trip(leads, server, between, database_url)
        kill_at(leads, server, between, database_url, unitid=200, after=total // 2)


@pytest.mark.parametrize(
    "point",
    [
        "after_send",
        *(
            pytest.param(p, marks=pytest.mark.slow)
            for p in ("after_attempt_row", "finalise_uncommitted")
        ),
    ],
)
def test_a_worker_killed_around_the_file_repeats_it_under_the_same_name(
    leads: Leads, server: Sshd, database_url: str, point: str
) -> None:
    ids = made_leads(leads, server, server.port, 300)
    with worker(database_url, LEASE, point) as doomed:
        assert doomed.wait(20) == -signal.SIGKILL
    with worker(database_url, LEASE):
        assert all_delivered(leads, ids)
    check_one_whole_file(leads, server, 300, ids)


@pytest.mark.slow
def test_a_worker_killed_at_each_quartile_of_a_file_and_at_its_rename(
    leads: Leads, server: Sshd, database_url: str
) -> None:
    with relay(server.port) as between:
        total = bytes_of_a_trip(leads, server, between, database_url)
        # The last hundreds of bytes close the file, ask its size and rename it.
        places = [1, total // 4, total // 2, total * 3 // 4]
        places += [total - less for less in range(1200, 0, -150)]
        for number, after in enumerate(places):
            kill_at(leads, server, between, database_url, unitid=400 + number, after=after)
