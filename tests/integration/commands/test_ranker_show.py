"""A ranker's card by command line: its gate, its figures, who put it in service and why."""

import json
from typing import Any

import pytest

from tests.support.commands import Command
from tests.support.stores import prior_ranker


@pytest.fixture
def version(command: Command, tmp_path: Any, unit_of_work: Any) -> str:  # noqa: ARG001 - a database
    return prior_ranker(tmp_path).name


def test_a_card_says_its_gate_and_who_promoted_it_and_why(command: Command, version: str) -> None:
    before = command("ranker", "show", version)
    assert before.exit_code == 0, before.output
    assert f"# Ranker {version}" in before.output
    assert "| rules_kept | yes |" in before.output
    assert "Never yet." in before.output
    promoted = command("ranker", "promote", version, "--reason", "the first one")
    assert promoted.exit_code == 0, promoted.output
    assert "by command: the first one" in command("ranker", "show", version).output
    told = json.loads(command("ranker", "show", version, "--json").stdout)
    assert told["card"]["version"] == version
    assert told["card"]["gate"]["passed"] is True
    assert [row["reason"] for row in told["history"]] == ["the first one"]


def test_no_card_is_shown_of_what_was_touched(
    command: Command, version: str, tmp_path: Any
) -> None:
    card = tmp_path / "ranker" / version / "card.json"
    card.write_text(card.read_text().replace('"passed": true', '"passed":  true'))
    refused = command("ranker", "show", version)
    assert refused.exit_code == 1
    assert "card.json is not what was written" in refused.output
    assert command("ranker", "show", "../../etc").exit_code == 1
