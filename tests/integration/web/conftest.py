"""The pages on real servers, with a school that takes requests here."""

from dataclasses import dataclass

import pytest

from tests.support.browser import PlainBrowser, into_app
from tests.support.world import World


@dataclass
class Asking:
    """A student in front of results, some of whose schools take requests."""

    world: World
    browser: PlainBrowser
    unitids: list[int]

    def to_results(self) -> None:
        self.browser.open(
            "/results?education_level=high_school&postal_code=10940"
            "&query=medical+records+technician"
        )
        assert self.browser.reply.status == 200, self.browser.reply.body

    def to_form(self) -> None:
        self.to_results()
        self.browser.follow("Ask for information")

    def to_check(self, **changes: str) -> None:
        self.to_form()
        self.fill_in(**changes)

    def fill_in(self, **changes: str) -> None:
        told = {
            "First name": "Zo\u00eb",
            "Last name": "Example",
            "Email address": "zoe@example.com",
        }
        for label, value in {**told, **changes}.items():
            self.browser.fill(label, value)
        self.browser.choose("Yes")
        self.browser.press("Continue")


@pytest.fixture
def browser(world: World) -> PlainBrowser:
    return PlainBrowser(into_app(world.app.test_client(use_cookies=False)))


@pytest.fixture
def asking(world: World, browser: PlainBrowser) -> Asking:
    found = world.search()["results"]
    unitids = list(dict.fromkeys(int(one["school"]["id"].split("_")[1]) for one in found))
    for unitid in unitids[:6]:
        world.takes_requests(unitid)
    return Asking(world, browser, unitids[:6])
