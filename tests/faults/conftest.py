"""What is harmed: an installation, one for each test file, or a ledger whose steps are kept."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from tests.support.installation import Installation, made_installation
from tests.support.leads import Leads
from tests.support.ledger_checker import watch_steps


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


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    """Leads on a ledger of which every step is kept, for the checker."""
    watch_steps(engine)
    return Leads(engine, keyring)
