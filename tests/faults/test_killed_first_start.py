"""The very first start, killed at seeded moments: the next one is a first start like any other."""

import random
import time

import pytest

from tests.support.asking import Asker
from tests.support.installation import unmade_installation

KILLS = 8
# From the first folder to the web server: making PostgreSQL, the catalog, the ranker.
_LONGEST = 20.0


@pytest.mark.slow
def test_a_first_start_killed_at_any_moment_breaks_no_next_start() -> None:
    chance = random.Random("first start")  # noqa: S311 - seeded, to be the same each time
    moments = [0.2, *sorted(chance.uniform(0.5, _LONGEST) for _ in range(KILLS - 1))]
    with unmade_installation() as installation:
        for moment in moments:
            installation.launch()
            time.sleep(moment)
            installation.kill()
        installation.start()
        assert Asker(installation.port).search()["total"] > 0
        assert installation.interrupt() == 0
        assert installation.alive() == []
        # What half-done starts began is not left lying about.
        assert list(installation.data.glob("*.draft*")) == []
