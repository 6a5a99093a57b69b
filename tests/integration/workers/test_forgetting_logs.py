"""Imported logs go when their time is over, and the history says so."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from matcher.learn.log_imported import FOLDER, imported_logs
from models.domain.clock import FixedClock
from models.domain.log_form import MANIFEST
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support.log_folders import NOW
from workers.training.forgetting import forget_logs

KEPT_FOR = timedelta(days=30)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two imported logs: one a day too old, one a day younger than that; and half a third."""
    for name, days in (("old", 31), ("young", 29)):
        folder = tmp_path / FOLDER / name
        folder.mkdir(parents=True)
        said = {"id": name, "origin": "elsewhere", "at": (NOW - timedelta(days=days)).isoformat()}
        (folder / "part.parquet").write_bytes(b"rows")
        (folder / MANIFEST).write_text(json.dumps({"imported": said}))
    (tmp_path / FOLDER / "half").mkdir()
    return tmp_path


def test_what_is_older_goes_and_the_history_says_so(
    store: Path, unit_of_work: UnitOfWorkFactory
) -> None:
    clock = FixedClock(NOW)
    assert forget_logs(store, KEPT_FOR, unit_of_work, clock) == 1
    assert not (store / FOLDER / "old").exists()
    assert [path.name for path in imported_logs(store)] == ["young"]
    assert (store / FOLDER / "young" / "part.parquet").exists()
    with unit_of_work() as work:
        [row] = work.watch.audit_tail(10)
    assert (row.action, row.subject, row.detail["origin"]) == ("log.remove", "old", "elsewhere")
    assert forget_logs(store, KEPT_FOR, unit_of_work, clock) == 0


def test_without_a_limit_they_stay(store: Path, unit_of_work: UnitOfWorkFactory) -> None:
    assert forget_logs(store, timedelta(0), unit_of_work, FixedClock(NOW)) == 0
    assert len(imported_logs(store)) == 2
