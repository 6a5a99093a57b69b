"""Changing what campaigns pay, on the running system, by the command that operators use."""

import json
import random
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.asking import Asker
from tests.support.running import RunningSystem, eventually

SEARCHES = 200
LEVELS = ("still_in_high_school", "high_school", "some_college", "associate", "bachelor", "master")
PLACES = ("10940", "10001", "14604", "07030", "19104", "02139", "33101", "60601", "77002", "90012")
FIELDS = (
    *("medical records technician", "billing and coding", "nursing", "welding", "accounting"),
    *("computer science", "criminal justice", "psychology", "business", "teacher", "HVAC"),
)


@dataclass(frozen=True)
class Seen:
    """What a search showed: the whole organic order's head, and a page with sponsors on it."""

    organic: tuple[str, ...]
    places: dict[int, str]
    sponsored: tuple[tuple[int, str], ...]


@pytest.mark.slow
def test_changing_or_pausing_campaigns_moves_no_organic_listing_in_200_searches_invariant_1(
    running_system: RunningSystem,
) -> None:
    """Invariant 1: payment never moves the organic order, to the last place."""
    asker = Asker(running_system.port)
    chosen = random.Random("price").choices(  # noqa: S311 - seeded, to be the same each time
        [(level, place, field) for level in LEVELS for place in PLACES for field in FIELDS],
        k=SEARCHES,
    )
    before = [_look(asker, *search) for search in chosen]
    paying = json.loads(running_system.run("campaign", "list", "--json"))
    near = [each for each in paying if "NY" in each["settings"]["targeting"]["states"]]
    assert len(near) >= 4
    for campaign, price in zip(near, ("199.00", "0.01", "87.65", "150.00"), strict=False):
        running_system.run("campaign", "set", campaign["id"], f"price={price}")
    running_system.run("campaign", "pause", near[-1]["id"])
    try:
        _wait_until_served(running_system)
        after = [_look(asker, *search) for search in chosen]
    finally:
        for campaign in near[:4]:
            price = f"{campaign['price_minor'] / 100:.2f}"
            running_system.run("campaign", "set", campaign["id"], f"price={price}")
        running_system.run("campaign", "resume", near[-1]["id"])
    for search, old, new in zip(chosen, before, after, strict=True):
        assert old.organic == new.organic, search
        for seen in (old, new):
            # What stands among sponsors tells the very place it has in the order without them.
            for place, program in seen.places.items():
                if place <= len(old.organic):
                    assert old.organic[place - 1] == program, (search, place)
        both = old.places.keys() & new.places.keys()
        assert [old.places[n] for n in both] == [new.places[n] for n in both], search
    # The changes were served: otherwise nothing could have moved anything.
    moved = sum(old.sponsored != new.sponsored for old, new in zip(before, after, strict=True))
    assert moved >= 20


def _look(asker: Asker, level: str, place: str, field: str) -> Seen:
    answers: dict[str, Any] = {"education_level": level, "postal_code": place, "query": field}
    plain = asker.search(**answers, hide_sponsored=True)["results"]
    page = asker.search(**answers)["results"]
    assert not any(each["sponsored"] for each in plain)
    assert [each["organic_position"] for each in plain] == list(range(1, len(plain) + 1))
    return Seen(
        organic=tuple(each["program"]["id"] for each in plain),
        places={each["organic_position"]: each["program"]["id"] for each in page},
        sponsored=tuple(
            (each["position"], each["program"]["id"]) for each in page if each["sponsored"]
        ),
    )


def _wait_until_served(system: RunningSystem) -> None:
    """Wait until the web server has read the database anew, twice: once may have begun before."""
    for _ in range(2):
        first = _polled(system)
        eventually(lambda: _polled(system) > first)  # noqa: B023 - used now


def _polled(system: RunningSystem) -> float:
    with urllib.request.urlopen(f"{system.url}/metrics", timeout=10) as answer:  # noqa: S310
        for line in answer.read().decode().splitlines():
            if line.startswith("schoolmatch_serving_polled_timestamp_seconds "):
                return float(line.rpartition(" ")[2])
    raise AssertionError("no figure says when serving was last read")
