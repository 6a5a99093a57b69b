"""Fixtures of the command line's tests."""

from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.main import main
from tests.support.commands import Command
from tests.support.keys import RANKER_SEED


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command line with this test's database."""
    key = b64encode(b"m" * 32).decode()
    index = b64encode(b"i" * 32).decode()
    for name, value in {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STORE": str(tmp_path),
        "SECRET_KEY": key,
        "MASTER_KEYS": f"test:{key}",
        "INDEX_KEY": index,
        "TOKEN_KEY": key,
        "RANKER_KEY": b64encode(RANKER_SEED).decode(),
        "ALLOW_LOOPBACK": "true",
        "DESTINATION_PORTS": "any",
        "SCHOOLMATCH_DATA": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, list(arguments))
