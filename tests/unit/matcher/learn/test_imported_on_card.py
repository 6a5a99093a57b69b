"""A ranker that learned from imported logs says so on its card."""

from pathlib import Path

import pytest

from matcher.learn.dataset_build import Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from matcher.learn.log_import import Asked, Known, import_log
from matcher.learn.log_imported import imported_logs
from matcher.learn.train import provenance
from tests.support.log_folders import CATALOG, NOW, a_log, a_row, an_event, slate_ids, write_folder

KNOWN = Known(frozenset({CATALOG}), lambda _: (), NOW)


@pytest.mark.parametrize("simulated", [False, True])
def test_a_card_names_the_origins_of_what_was_imported(tmp_path: Path, *, simulated: bool) -> None:
    later = [a_row(one, 1, simulated=simulated) for one in slate_ids(9)[5:]]
    seen = [an_event(row, "impression") for row in later]
    for name, log in (("partner-2", a_log(slates=5)), ("partner-1", (later, seen))):
        folder = write_folder(tmp_path / name, *log)
        assert import_log(folder, Asked(name, "a test"), tmp_path, KNOWN).refused == ()
    desk = Desk(tmp_path / "desk", threads=1)
    card = provenance(build_dataset(imported_logs(tmp_path), Rules(NOW), desk), "a test")
    assert card["imported"] == {"partner-1": 4, "partner-2": 5}
    made_of = str(card["made_of"])
    assert made_of.endswith("; imported: 4 from partner-1, 5 from partner-2")
    # What others simulated is no more real than what we did.
    assert card["provenance"] == ("simulated" if simulated else "learned")
    assert made_of.startswith("4 simulated of 9 searches" if simulated else "the log of")
