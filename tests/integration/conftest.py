"""The whole system for tests that only ask it things: one for all of them, and for the journey."""

from collections.abc import Iterator

import pytest

from tests.support.running import SYSTEM, RunningSystem


@pytest.fixture(scope="session")
def running_system() -> Iterator[RunningSystem]:
    """Everything, started by one command."""
    with SYSTEM.use() as system:
        yield system
