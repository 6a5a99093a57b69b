"""A whole installation to kill: one for each test file, its first start done once."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, made_installation


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    """An installation that has data and is stopped."""
    # Tests ask from one address, faster than any person.
    with made_installation({"RATE_PER_MINUTE": "1000000"}) as installation:
        yield installation


@pytest.fixture
def installation(made: Installation) -> Iterator[Installation]:
    """The installation, serving; whatever a test leaves running is ended."""
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.interrupt()
    made.end()
