"""Whole installations to kill: one data folder for each test file, its first start done once."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.up.ports import free_port
from tests.support.installation import Installation

# Under root a place that the user PostgreSQL runs as can reach, see commands/place.py.
DATA_PARENT = Path("/var/tmp")  # noqa: S108 - a folder of random name is made in it


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    """An installation after its first start and a Ctrl-C."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-faults-", dir=DATA_PARENT))
    folder.chmod(0o755)
    # Tests ask from one address, faster than any person.
    installation = Installation(folder / "data", free_port(), {"RATE_PER_MINUTE": "1000000"})
    try:
        installation.start()
        assert installation.interrupt() == 0
        yield installation
    finally:
        installation.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def installation(made: Installation) -> Iterator[Installation]:
    """The installation, serving; whatever a test leaves running is ended."""
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.interrupt()
    made.end()
