"""The pages on real servers, with a school that takes requests here."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.browser import PlainBrowser, into_app
from tests.support.draining import draining
from tests.support.leads import eventually
from tests.support.world import World
from workers.destinations.webhook.mock import MockReceiver


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


@dataclass
class Sent:
    """A request to two schools, whose systems are one receiver."""

    asking: Asking
    receiver: MockReceiver
    reference: str

    @property
    def world(self) -> World:
        return self.asking.world

    @property
    def browser(self) -> PlainBrowser:
        return self.asking.browser

    def told(self) -> list[Any]:
        """What was received, in order."""
        return [json.loads(each.body) for each in self.receiver.received]

    def kinds(self) -> list[str]:
        return [each["type"] for each in self.told()]

    def deliver(self, most: int) -> None:
        """Let workers run until that much was received, and a little longer."""
        with draining(self.world.work):
            if most:
                assert self.receiver.wait_for(most, 30)
            waits = "SELECT count(*) FROM delivery WHERE status IN ('pending', 'leased')"
            assert eventually(lambda: self.world.rows(waits)[0][0] == 0)
        assert len(self.receiver.received) == most

    def page(self) -> str:
        self.browser.open(f"/requests/{self.reference}")
        return self.browser.text


@pytest.fixture
def sent(asking: Asking) -> Iterator[Sent]:
    with MockReceiver() as receiver:
        with asking.world.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE destination_version SET settings = "
                    "jsonb_set(settings, '{url}', to_jsonb(CAST(:url AS text)))"
                ),
                {"url": receiver.url},
            )
        browser = asking.browser
        asking.to_form()
        others = browser.page.all("input", type="checkbox", name="listing_ids")
        second = next(one for one in others if not one.has("checked"))
        browser.typed[id(second)] = second["value"]
        asking.fill_in(**{"Phone number": "404 555 0123"})
        for box in browser.page.all("input", type="checkbox", name="consent"):
            browser.typed[id(box)] = box["value"]
        browser.press("Send my request to 2 schools")
        assert browser.heading == "Your request is on its way", browser.text
        yield Sent(asking, receiver, browser.page.one(id="reference").text)
