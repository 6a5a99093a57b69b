"""The database goes away in the worst of moments: what was promised is kept, nothing is doubled."""

import itertools
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from commands.up.children import Spec, tethered, working_folder
from commands.up.postgres import Postgres
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.migrate import migrate
from models.db.unit_of_work import PostgresUnitOfWork
from tests.support.commit_relay import commit_relay
from tests.support.draining import OPTIONS, draining
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken, watch_steps
from workers.destinations.webhook.mock import MockReceiver

LEASE = timedelta(seconds=5)


def _delivered(leads: Leads) -> bool:
    return set(leads.statuses()) == {"delivered"}


@pytest.mark.slow
def test_a_commit_whose_answer_is_lost_repeats_nothing_invariants_1_to_8(
    leads: Leads, database_url: str, keyring: Keyring
) -> None:
    commits = itertools.count(1)

    def lose() -> bool:
        n = next(commits)
        return n < 40 and n % 4 == 0

    with commit_relay(database_url, lose) as (url, relay), MockReceiver() as receiver:
        engine = make_engine(url, ping=False)
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(30)]
        with draining(lambda: PostgresUnitOfWork(engine, keyring), lease=LEASE, group_most=4):
            assert eventually(lambda: _delivered(leads), 90)
        engine.dispose()
    assert relay.lost >= 5
    assert broken(leads.engine, History(ids, receiver.received)) == []


def test_a_promise_whose_commit_got_no_answer_is_made_once_invariant_1(
    leads: Leads, database_url: str, keyring: Keyring
) -> None:
    """The student's program asks again under the same key, and is told what was promised."""
    school = leads.school("http://127.0.0.1:9/")
    lead_id = leads.lead(school)
    lost: list[int] = []

    def lose() -> bool:
        lost.append(1)
        return len(lost) == 1

    with commit_relay(database_url, lose) as (url, _):
        engine = make_engine(url, ping=False)

        def promise() -> None:
            Leads(engine, keyring).deliver(school, lead_id)

        with pytest.raises(Exception, match=r"(?i)closed|lost|terminat|connection"):
            promise()
        # It stands; the ledger's unique key refuses the second.
        with pytest.raises(Exception, match="uq_delivery"):
            promise()
        engine.dispose()
    assert leads.statuses() == ["pending"]


@pytest.mark.slow
def test_connections_that_are_cut_at_any_moment_repeat_nothing_invariants_1_to_8(
    leads: Leads, database_url: str, keyring: Keyring
) -> None:
    """Also in the middle of a commit: which of the two it was, only the ledger knows."""
    leads.run("CREATE ROLE doomed SUPERUSER LOGIN")
    engine = make_engine(database_url.replace("postgres@", "doomed@"), ping=False)
    chance = random.Random(14)  # noqa: S311 - the same moments each time
    stop = threading.Event()
    cut: list[int] = []

    def cut_off() -> None:
        while not stop.wait(chance.uniform(0.01, 0.12)):
            with leads.engine.begin() as connection:
                cut.append(connection.execute(_CUT).scalar_one())

    cutting = threading.Thread(target=cut_off)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(60)]
        cutting.start()
        with draining(lambda: PostgresUnitOfWork(engine, keyring), lease=LEASE, group_most=4):
            time.sleep(3)
            stop.set()
            cutting.join()
            assert eventually(lambda: _delivered(leads), 90)
    engine.dispose()
    leads.run("DROP ROLE doomed")
    assert sum(cut) >= 10
    assert broken(leads.engine, History(ids, receiver.received)) == []


@pytest.mark.slow
def test_a_database_whose_connections_are_spent_is_waited_for_invariants_1_to_8(
    leads: Leads, database_url: str, keyring: Keyring
) -> None:
    leads.run("CREATE ROLE crowded LOGIN CONNECTION LIMIT 2")
    leads.run("GRANT ALL ON ALL TABLES IN SCHEMA public TO crowded")
    url = database_url.replace("postgres@", "crowded@")
    others, ours = make_engine(url, ping=False), make_engine(url, ping=False)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(20)]
        taken = [others.connect(), others.connect()]
        with (
            capture_logs() as lines,
            draining(lambda: PostgresUnitOfWork(ours, keyring), lease=LEASE),
        ):
            assert eventually(lambda: [each["event"] for each in lines].count("claim_failed") > 3)
            assert set(leads.statuses()) == {"pending"}
            for each in taken:
                each.close()
            others.dispose()
            assert eventually(lambda: _delivered(leads), 90)
    ours.dispose()
    leads.run("DROP OWNED BY crowded")
    leads.run("DROP ROLE crowded")
    assert broken(leads.engine, History(ids, receiver.received)) == []


_CUT = text("""
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE usename = 'doomed' AND datname = current_database()
""")


@pytest.mark.slow
def test_a_database_that_stops_at_once_keeps_what_it_promised_invariants_1_to_8(
    keyring: Keyring,
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-stop-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = Postgres(folder)
    subprocess.run(_command(Spec("initdb", server.initdb(), user=server.user)), check=True)
    server.finish()
    try:
        with MockReceiver() as receiver:
            with _running(server, folder) as process:
                engine = make_engine(server.url, ping=False)
                migrate(engine)
                watch_steps(engine)
                leads = Leads(engine, keyring)
                school = leads.school(receiver.url)
                ids = [leads.delivery(school) for _ in range(200)]
                drainer = draining(leads.unit_of_work, lease=LEASE)
                drainer.__enter__()
                assert receiver.wait_for(20, 30)
                process.send_signal(signal.SIGQUIT)  # immediate: no checkpoint, nothing flushed
                process.wait(30)
            with _running(server, folder):
                assert eventually(lambda: _delivered(leads), 90)
                drainer.__exit__(None, None, None)
                # What had left and was not written down when it stopped may come again.
                history = History(ids, receiver.received, OPTIONS.senders + OPTIONS.group_most)
                assert broken(engine, history) == []
                engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _command(spec: Spec) -> list[str]:
    return list(tethered(spec, "tests"))


@contextmanager
def _running(server: Postgres, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    spec = server.spec()
    with (folder / "postgres.log").open("ab") as log:
        process = subprocess.Popen(_command(spec), cwd=working_folder(spec), stdout=log, stderr=log)
    assert eventually(lambda: spec.ready is not None and bool(spec.ready()), 60)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
