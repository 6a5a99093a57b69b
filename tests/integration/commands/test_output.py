"""What a command prints where."""

import json

import pytest
import structlog

from tests.support.commands import Command


def test_what_is_logged_meanwhile_stays_out_of_the_document(
    command: Command, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever pipes --json into a program reads JSON, whatever a library has to say."""
    done = command("campaign", "list", "--json")
    assert json.loads(done.stdout) == []
    structlog.get_logger("somewhere").warning("broker_away")
    assert "broker_away" not in capfd.readouterr().out
