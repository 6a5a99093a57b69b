"""The newcomer's exercise of CONTRIBUTING.md: a kind of destination in its two places, no other.

The tree is copied, the worked example of tests/data/newcomer is laid over the copy, and the copy's
own commands and worker do the rest; nothing in the copy is changed but what the exercise adds.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from tests.data.newcomer.workers.destinations.file_append.mock import read_lines
from tests.support.environment import installation
from tests.support.leads import Leads, eventually

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests/data/newcomer"
PLACES = ("models/exchange/kinds/file_append.py", "workers/destinations/file_append/")
COPIED = ("commands", "service", "workers", "matcher", "models", "config", "demo", "pyproject.toml")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the exercise done."""
    copy = tmp_path_factory.mktemp("newcomer") / "tree"
    copy.mkdir()
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=without)
        else:
            shutil.copy(ROOT / name, copy / name)
    for added in _example():
        target = copy / added
        target.parent.mkdir(exist_ok=True)
        assert not target.exists()
        shutil.copy(EXAMPLE / added, target)
    return copy


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return installation(database_url, tmp_path, PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture
def worker(tree: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """The copy's delivery worker, as it really runs."""
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "delivery"],
            cwd=tree,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(40)


def test_the_exercise_touches_its_two_places_and_no_other() -> None:
    assert _example()
    assert [each for each in _example() if not each.startswith(PLACES)] == []
    named = subprocess.run(
        ["git", "grep", "-l", "file_append", "--", "*.py", "*.toml", "*.html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    elsewhere = [each for each in named.stdout.splitlines() if not each.startswith("tests/")]
    assert elsewhere == [], "no room may know the exercise"


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_a_lead_is_delivered_by_a_kind_that_two_places_add(
    tree: Path, environment: dict[str, str], tmp_path: Path, engine: Engine, keyring: Keyring
) -> None:
    leads, file = Leads(engine, keyring), tmp_path / "leads.jsonl"
    school = leads.school_of_kind("file_append", {"path": "/nowhere"})
    destination = show(Prefix.DESTINATION, school.destination_id)

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "commands", "destination", *arguments],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = command("set", destination, "path=leads.jsonl")
    assert "path: Use a whole path" in refused.stderr
    assert command("set", destination, f"path={file}").returncode == 0
    tested = command("test", destination)
    assert tested.returncode == 0, tested.stderr
    delivery_id = leads.delivery(school)
    assert eventually(lambda: leads.row(delivery_id).status == "delivered", 20)
    test, lead = read_lines(file)
    assert test["body"]["type"] == "destination.test"
    assert (lead["id"], lead["body"]["type"]) == (
        show(Prefix.DELIVERY, delivery_id),
        "lead.created",
    )
    assert [attempt.reason for attempt in leads.attempts(delivery_id)] == ["appended"]


def test_the_import_contracts_hold_with_the_exercise_done(tree: Path) -> None:
    kept = _lint(tree)
    assert kept.returncode == 0, kept.stdout[-3000:]
    assert "0 broken" in kept.stdout


def test_a_kind_that_leans_on_another_breaks_a_contract(tree: Path, tmp_path: Path) -> None:
    """The control: the contracts are read from the copy, and see what the exercise adds."""
    broken = tmp_path / "tree"
    shutil.copytree(tree, broken)
    client = broken / "workers/destinations/file_append/client.py"
    client.write_text("import workers.destinations.webhook.client\n" + client.read_text())
    assert "One kind of destination never imports another BROKEN" in _lint(broken).stdout


def _example() -> list[str]:
    found = [path for path in EXAMPLE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return sorted(str(path.relative_to(EXAMPLE)) for path in found)


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
