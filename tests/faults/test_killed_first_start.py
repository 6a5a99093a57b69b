"""The very first start, killed at seeded moments: the next one is a first start like any other."""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.up.ports import free_port
from tests.faults.conftest import DATA_PARENT
from tests.support.asking import Asker
from tests.support.installation import Installation

KILLS = 8
# From the first folder to the web server: making PostgreSQL, the catalog, the ranker.
_LONGEST = 20.0


@pytest.fixture
def unmade() -> Iterator[Installation]:
    """An installation that was never started."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-faults-", dir=DATA_PARENT))
    folder.chmod(0o755)
    installation = Installation(folder / "data", free_port())
    yield installation
    installation.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_a_first_start_killed_at_any_moment_breaks_no_next_start(unmade: Installation) -> None:
    chance = random.Random("first start")  # noqa: S311 - seeded, to be the same each time
    moments = [0.2, *sorted(chance.uniform(0.5, _LONGEST) for _ in range(KILLS - 1))]
    for moment in moments:
        unmade.launch()
        time.sleep(moment)
        unmade.kill()
    unmade.start()
    assert Asker(unmade.port).search()["total"] > 0
    assert unmade.interrupt() == 0
    assert unmade.alive() == []
    # What half-done starts began is not left lying about.
    assert list(unmade.data.glob("*.draft*")) == []
