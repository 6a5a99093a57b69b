"""The search that everybody tries first, on the demonstration as it is started."""

import json
from typing import Any

import pytest

from commands.demonstration.neighbours import region_around
from tests.support.asking import Asker
from tests.support.running import RunningSystem


@pytest.fixture(scope="module")
def results(running_system: RunningSystem) -> list[Any]:
    """The first page for medical records near Middletown, New York."""
    page: list[Any] = Asker(running_system.port).search()["results"]
    return page


def test_at_least_two_sponsors_stand_on_the_first_page_and_never_first(results: list[Any]) -> None:
    sponsored = [each["position"] for each in results if each["sponsored"]]
    assert len(sponsored) >= 2
    assert 1 not in sponsored


def test_every_sponsor_is_of_the_students_region_or_wants_students_from_everywhere(
    running_system: RunningSystem, results: list[Any]
) -> None:
    campaigns = json.loads(running_system.run("campaign", "list", "--json"))
    national = {
        unitid
        for campaign in campaigns
        for unitid in campaign["settings"]["unitids"]
        if not campaign["settings"]["targeting"]["states"]
    }
    assert len(national) <= 2
    for each in results:
        school = each["school"]
        unitid = int(school["id"].rpartition("_")[2])
        assert (
            not each["sponsored"] or school["state"] in region_around("NY") or unitid in national
        ), school
