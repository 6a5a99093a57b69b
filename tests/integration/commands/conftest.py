"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.main import main
from tests.support.commands import Command
from tests.support.environment import installation


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command line with this test's database."""
    more = {"STORE": str(tmp_path), "DESTINATION_PORTS": "any"}
    for name, value in installation(database_url, tmp_path, **more).items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, list(arguments))
