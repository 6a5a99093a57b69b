"""``schoolmatch up``: started, stopped, killed and started again, with real servers.

One installation for the whole file: its first start builds the catalog and fits the ranker. Each
test leaves it stopped.
"""

import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import (
    DATA_PARENT,
    Installation,
    eventually,
    start_once,
    unmade_installation,
)
from tests.support.ports import lasting_port


@pytest.fixture(scope="module")
def modes_before() -> dict[Path, int]:
    """Modes of the folders around the data and of those the programs are in."""
    root = Path(__file__).parents[2]
    programs = Path(sys.prefix)
    folders = {*root.parents, root, programs, *DATA_PARENT.parents, DATA_PARENT}
    return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in folders}


@pytest.fixture(scope="module")
def made(modes_before: dict[Path, int]) -> Iterator[Installation]:
    """An installation that was started from nothing, has data and is stopped."""
    assert modes_before
    with unmade_installation() as installation:
        start_once(installation)
        yield installation


@pytest.fixture
def installation(made: Installation) -> Iterator[Installation]:
    """The installation, stopped; whatever a test leaves running is ended."""
    assert made.alive() == []
    yield made
    made.end()
    eventually(lambda: made.alive() == [])


def test_one_ctrl_c_stops_everything_in_order(installation: Installation) -> None:
    installation.start()
    assert installation.alive()
    assert installation.interrupt() == 0
    assert installation.alive() == []
    said = installation.output
    order = ["training", "web", "worker", "beat", "school", "valkey", "postgres"]
    places = [said.index(f"{name} stopped") for name in order]
    assert places == sorted(places)
    assert "database system is shut down" in (installation.data / "logs/postgres.log").read_text()


@pytest.mark.slow
def test_data_survives_a_restart_and_commands_find_the_running_database(
    installation: Installation,
) -> None:
    installation.start()
    before = json.loads(installation.run("campaign", "list", "--json").stdout)
    changed = installation.run("campaign", "set", before[0]["id"], "price=99.50")
    assert changed.returncode == 0, changed.stderr
    versions = installation.get("/readyz")[1]["checks"]
    installation.interrupt()
    assert installation.run("campaign", "list").returncode != 0  # nothing runs that it could ask

    installation.start()
    after = json.loads(installation.run("campaign", "list", "--json").stdout)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert after[0]["price"] == "99.50 USD"
    assert all(row["fictional"] for row in after)
    assert installation.get("/readyz")[1]["checks"] == versions
    installation.interrupt()


def test_a_port_in_use_is_an_error_before_anything_starts(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        done = installation.run("up")
    assert done.returncode == 1
    assert f"Port {installation.port} on 127.0.0.1 is in use" in done.stderr
    assert "PORT=" in done.stderr
    assert not (installation.data / "run.json").exists()
    assert installation.alive() == []


def test_a_second_start_on_the_same_folder_names_the_first(installation: Installation) -> None:
    installation.start()
    assert installation.process is not None
    done = installation.run("up")
    assert done.returncode == 1
    assert f"process {installation.process.pid}" in done.stderr
    assert installation.get("/readyz")[0] == 200
    installation.interrupt()


def test_a_killed_supervisor_leaves_nobody_serving_and_a_clean_next_start(
    installation: Installation,
) -> None:
    """A SIGKILL of the supervisor: children die with it, and the next start is like any other."""
    installation.start()
    web, worker = installation.child("web"), installation.child("worker")
    installation.kill()
    eventually(lambda: installation.get("/readyz")[0] == 0)
    installation.start()
    assert {web, worker}.isdisjoint({installation.child("web"), installation.child("worker")})
    # PostgreSQL heard that its parent died and went properly: it has nothing to recover.
    log = (installation.data / "logs/postgres.log").read_text()
    assert "not properly shut down" not in log
    assert installation.get("/readyz")[0] == 200
    assert installation.interrupt() == 0
    assert installation.alive() == []


@pytest.mark.slow
def test_a_child_that_outlived_a_killed_run_is_found_by_pid_and_birth_and_ended(
    installation: Installation,
) -> None:
    installation.start()
    worker = installation.child("worker")
    os.kill(worker, signal.SIGSTOP)  # it cannot hear that its parent died
    installation.kill()
    installation.start()
    assert "Ended what a killed run left: " in installation.output
    assert "worker" in installation.output.splitlines()[0]
    assert installation.child("worker") != worker
    installation.interrupt()


@pytest.mark.slow
def test_a_child_that_dies_is_started_again_and_said_so(installation: Installation) -> None:
    installation.start()
    for name in ("training", "web", "worker", "beat", "school", "valkey", "postgres"):
        before = installation.child(name)
        os.kill(before, signal.SIGKILL)
        eventually(lambda: f"{name} runs again" in installation.output)  # noqa: B023 - used now
        assert f"{name} ended (killed by SIGKILL)" in installation.output
        assert installation.child(name) != before
    eventually(lambda: installation.get("/readyz")[0] == 200)
    assert installation.interrupt() == 0


def test_secrets_are_private_and_no_existing_folders_mode_changes(
    installation: Installation, modes_before: dict[Path, int]
) -> None:
    for name in ("secrets.env", "school/config.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((installation.data / name).stat().st_mode) == 0o600
    assert not (installation.data / "settings.env").exists()  # there only while it runs
    now = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in modes_before}
    assert now == modes_before


def test_without_the_demonstration_no_fictional_data_is_served(
    installation: Installation,
) -> None:
    done = installation.run("up", "--no-demonstration")
    assert done.returncode == 1
    assert "fictional organizations" in done.stderr
    assert installation.alive() == []


def test_fresh_never_empties_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    other = Installation(tmp_path, lasting_port())
    done = other.run("up", "--fresh")
    assert done.returncode == 1
    assert "was not made by schoolmatch" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
