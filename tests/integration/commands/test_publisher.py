"""``schoolmatch publisher``, on a real database."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Command

ARTICLE = Path(__file__).parents[2] / "data/fields_article.txt"


@pytest.fixture
def publisher(command: Command) -> str:
    added = command("publisher", "add", "Careers Daily", "https://careers.example", "--json")
    assert added.exit_code == 0, added.output
    return str(json.loads(added.stdout)["publisher_id"])


def listed(command: Command) -> Any:
    return json.loads(command("publisher", "list", "--json").stdout)["publishers"]


def test_publishers_are_added_listed_paused_and_resumed(command: Command, publisher: str) -> None:
    assert listed(command) == [
        {
            "publisher_id": publisher,
            "name": "Careers Daily",
            "site": "https://careers.example",
            "status": "active",
        }
    ]
    assert command("publisher", "pause", publisher).output == f"{publisher} is paused\n"
    assert listed(command)[0]["status"] == "paused"
    command("publisher", "resume", publisher)
    assert listed(command)[0]["status"] == "active"


@pytest.mark.parametrize("site", ["https://careers.example", "https://www.careers.example"])
def test_a_site_has_one_publisher(command: Command, publisher: str, site: str) -> None:
    assert publisher
    again = command("publisher", "add", "Others", site)
    assert again.exit_code == 1
    assert "Careers Daily has the site" in again.output


def test_what_is_no_site_is_told_how_to_be_written(command: Command) -> None:
    wrong = command("publisher", "add", "Careers Daily", "careers.example")
    assert wrong.exit_code == 1
    assert "https://example.org" in wrong.output
    assert "There is no" in command(
        "publisher", "pause", "pub_01m81mmftqf42tfrsdtvnrf81t"
    ).output.replace("there", "There")


def test_a_line_is_made_for_what_a_page_is_about(command: Command, publisher: str) -> None:
    line = command(
        *("publisher", "snippet", publisher, "--article", str(ARTICLE)),
        *("--accent", "#ffe600", "--creative", 'the "end"'),
    )
    assert line.exit_code == 0, line.output
    assert "Health and medical administration (51.07)" in line.stderr
    assert "#ffe600 cannot be seen well on light paper" in line.stderr
    script, without = line.stdout.splitlines()
    assert f'/widget.js" data-publisher="{publisher}" data-field="51.07"' in script
    assert 'data-creative="the &quot;end&quot;"' in script
    assert f"publisher_id={publisher}&amp;field=51.07&amp;creative=the+%22end%22" in without


def test_a_report_without_traffic_says_so(command: Command) -> None:
    assert command("publisher", "report").output == "Nobody searched in the last 30 days.\n"
    assert json.loads(command("publisher", "report", "--json").stdout)["rows"] == []
