"""One log of simulated students for all tests of learning in a process."""

import pytest

from matcher.match import Engine
from tests.support.traffic import Log, simulated_log


@pytest.fixture(scope="session")
def log(small: Engine) -> Log:
    return simulated_log(small, 2_000)
