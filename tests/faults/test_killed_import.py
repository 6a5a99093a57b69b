"""An import killed at any moment, while readers read: they always see a whole catalog."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from typing_extensions import override

from matcher.catalog import CatalogDamagedError, open_catalog
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support.environment import installation
from tests.support.stores import copy_store

PROJECT = Path(__file__).parents[2]
KILLS = 12
OWN = """school_id,cip,credential,title,source,as_of
194240,51.07,associate,Records {n},the school,2026
"""


class Reader(threading.Thread):
    """Opens what is published, again and again, as a web process does at each change."""

    def __init__(self, store: Path, unit_of_work: UnitOfWorkFactory) -> None:
        super().__init__()
        self.store, self.unit_of_work = store, unit_of_work
        self.done = threading.Event()
        self.seen: list[str] = []
        self.wrong: list[str] = []

    @override
    def run(self) -> None:
        while not self.done.wait(0.1):
            with self.unit_of_work() as work:
                version = work.publications.current()["catalog"]
            if version is None:
                continue
            try:
                # Opening reads every byte and compares it with the name.
                catalog = open_catalog(self.store / "catalog" / version)
            except (OSError, CatalogDamagedError) as error:
                self.wrong.append(f"{version}: {error}")
                continue
            if not self.seen or self.seen[-1] != catalog.version:
                self.seen.append(catalog.version)

    def stop(self) -> None:
        self.done.set()
        self.join()


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return installation(database_url, tmp_path)


def launch(environment: Mapping[str, str], *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "commands", "catalog", *words, "--json"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(child: "subprocess.Popen[str]") -> str:
    said, trouble = child.communicate(timeout=300)
    assert child.returncode == 0, trouble
    return str(json.loads(said)["version"])


@pytest.mark.slow
def test_readers_see_whole_catalogs_whenever_an_import_is_killed(
    environment: dict[str, str], unit_of_work: UnitOfWorkFactory, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    copy_store(store)
    own = tmp_path / "ours.csv"
    chance = random.Random("import")  # noqa: S311 - seeded, to be the same each time
    reader = Reader(store, unit_of_work)
    reader.start()
    try:
        began = time.monotonic()
        first = finish(launch(environment, "build", "--publish"))
        longest = time.monotonic() - began
        published = {first}
        for n in range(KILLS):
            own.write_text(OWN.format(n=n))
            child = launch(environment, "import", str(own))
            # The last moments, in which the snapshot is written and published, more than others.
            time.sleep(longest * chance.uniform(0.1, 1.1) ** 0.5)
            child.kill()
            said = child.communicate()[0]
            assert child.returncode in {0, -signal.SIGKILL}
            if child.returncode == 0:
                published.add(str(json.loads(said)["version"]))
        own.write_text(OWN.format(n="last"))
        last = finish(launch(environment, "import", str(own)))
        time.sleep(1)
    finally:
        reader.stop()
    assert reader.wrong == []
    assert reader.seen[0] == first
    assert reader.seen[-1] == last
    # What killed writers began is cleared by the next; what is left are whole snapshots.
    folders = [path for path in (store / "catalog").iterdir() if path.is_dir()]
    assert {open_catalog(path).version for path in folders} >= published | {last}
    assert [path.name for path in folders if path.name.startswith(".")] == []


@pytest.mark.parametrize("damage", ["cut", "touched", "gone", "manifest"])
def test_a_snapshot_that_was_damaged_is_refused_and_what_serves_stays(
    environment: dict[str, str],
    unit_of_work: UnitOfWorkFactory,
    tmp_path: Path,
    damage: str,
) -> None:
    store = copy_store(tmp_path / "store")
    folder = store.path / "catalog" / store.catalog
    name = {"manifest": "manifest.json"}.get(damage, "earnings.npy")
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "gone":
        changed = bytearray(content)
        changed[-2] ^= 1
        (folder / name).write_bytes(content[: len(content) // 2] if damage == "cut" else changed)
    with pytest.raises((CatalogDamagedError, FileNotFoundError)):
        open_catalog(folder)
    child = launch(environment, "publish", store.catalog)
    trouble = child.communicate(timeout=120)[1]
    assert child.returncode == 1
    assert f"Remove {folder} and build it again" in trouble
    assert "Traceback" not in trouble
    with unit_of_work() as work:
        assert work.publications.current()["catalog"] is None
