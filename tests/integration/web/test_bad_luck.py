"""What goes wrong between two pages: each stays true, what was typed is kept, nothing is a 500."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.domain.caps import Caps
from tests.integration.web.conftest import Asking
from tests.support.sponsors import unitid_of
from tests.support.world import World

SEND, SENT = "Send my request to 1 school", "Your request is on its way"
CHECK = "Check and agree"
CLOSED = "This school takes no requests here any more. We sent it nothing."
FULL = "This school takes no more requests just now. We sent it nothing."
BREAK = (
    "INSERT INTO destination_state (destination_id, breaker, next_allowed_at) "
    "SELECT id, 'open', now() + interval '2 hours' FROM destination "
    "ON CONFLICT (destination_id) DO UPDATE SET breaker = 'open', "
    "next_allowed_at = excluded.next_allowed_at"
)
PAUSE = "UPDATE destination SET status = 'paused'"


def run(world: World, statement: str, *, heard: bool = True) -> None:
    """Let something happen behind the student's back, and the web hear of it."""
    with world.engine.begin() as connection:
        connection.execute(text(statement))
    if heard:
        world.serving.poll()


def tick_all(asking: Asking) -> list[int]:
    """Tick every box; the schools in their order."""
    boxes = asking.browser.page.all("input", name="consent")
    for box in boxes:
        asking.browser.typed[id(box)] = box["value"]
    return [int(box["value"].partition(":")[0].removeprefix("sch_")) for box in boxes]


def ask_two(asking: Asking) -> list[int]:
    """Come to the last page with two schools, both ticked."""
    asking.to_form()
    second = asking.browser.page.all("input", name="listing_ids")[1]
    asking.browser.typed[id(second)] = second["value"]
    asking.fill_in()
    return tick_all(asking)


def nothing_kept(world: World) -> bool:
    personal = world.rows("SELECT 1 FROM person_key WHERE wrapped IS NOT NULL")
    return world.count("lead") == world.count("delivery") == len(personal) == 0


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "not heard yet"])
def test_a_school_that_stops_taking_requests_is_said_and_gets_nothing(
    asking: Asking, heard: bool
) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    run(asking.world, PAUSE, heard=heard)
    asking.browser.press(SEND)
    assert asking.browser.reply.status == 422
    assert asking.browser.heading == CHECK
    assert "takes no requests here" in asking.browser.page.one(role="alert").text
    assert "zoe@example.com" in asking.browser.page.one("dl").text
    assert nothing_kept(asking.world)
    run(asking.world, PAUSE)
    asking.browser.reload()
    assert CLOSED in asking.browser.text
    assert asking.browser.page.all("input", name="consent") == []


def test_of_two_schools_one_stops_and_the_other_still_gets_the_request(asking: Asking) -> None:
    first, other = ask_two(asking)
    of_first = (
        f"{PAUSE} WHERE id IN (SELECT d.id FROM destination d JOIN organization_school s "  # noqa: S608 - our own number
        f"ON s.organization_id = d.organization_id WHERE s.unitid = {first})"
    )
    run(asking.world, of_first)
    asking.browser.press("Send my request to 2 schools")
    assert asking.browser.reply.status == 422
    assert asking.browser.text.count(CLOSED) == 1
    [left] = asking.browser.page.all("input", name="consent")
    assert left.has("checked"), "what was ticked for the other stays"
    asking.browser.press(SEND)
    assert asking.browser.heading == SENT
    assert [row.unitid for row in asking.world.rows("SELECT unitid FROM lead")] == [other]


def test_a_school_that_stops_before_anything_was_typed_is_not_offered(asking: Asking) -> None:
    asking.to_results()
    link = next(
        one["href"] for one in asking.browser.page.all("a") if "Ask for information" in one.text
    )
    run(asking.world, PAUSE)
    asking.browser.open(link)
    assert asking.browser.reply.status == 200
    assert asking.browser.page.one("main").all("input", name="listing_ids") == []


def test_a_school_that_stops_while_the_form_is_filled_in_is_named_and_the_rest_is_kept(
    asking: Asking,
) -> None:
    asking.to_form()
    run(asking.world, PAUSE)
    asking.fill_in()
    assert asking.browser.reply.status == 422
    assert "takes no requests here" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.one("input", id="email")["value"] == "zoe@example.com"


def test_a_school_taken_away_from_its_organization_is_told_as_closed(asking: Asking) -> None:
    asking.to_check()
    run(asking.world, "DELETE FROM destination_school")
    run(asking.world, "DELETE FROM organization_school")
    asking.browser.reload()
    assert asking.browser.reply.status == 200
    assert CLOSED in asking.browser.text
    assert nothing_kept(asking.world)


@pytest.fixture
def paid(world: World) -> int:
    """A school that takes only requests that its campaign pays for: five of them."""
    found = world.search()["results"][-1]
    unitid = unitid_of(found)
    owner = world.takes_requests(unitid, organic=False)
    world.sponsors(owner, unitid, Caps(total=5), found["program"])
    return unitid


def to_check_of(asking: Asking, unitid: int) -> None:
    """Come to the last page with a sponsored listing of a school."""
    asking.to_results()
    links = [
        one["href"] for one in asking.browser.page.all("a") if "listing_id=" in one.get("href")
    ]
    found = asking.world.client.post(
        "/api/v1/matches", json={"slate_id": links[0].partition("slate_id=")[2].partition("&")[0]}
    ).json
    [listing] = [one for one in found["results"] if one["sponsored"] and unitid_of(one) == unitid]
    [link] = [href for href in links if listing["listing_id"] in href]
    asking.browser.open(link)
    asking.fill_in()
    assert asking.browser.heading == CHECK


def test_a_school_whose_last_place_went_meanwhile_is_full_and_says_so(
    asking: Asking, paid: int
) -> None:
    to_check_of(asking, paid)
    asking.browser.choose("Email.")
    # Taken by others in the moment before the button was pressed.
    taken = (
        "INSERT INTO cap_window (campaign_id, period, key, used, lim) "
        "SELECT id, 'total', 'all', 5, 5 FROM campaign"
    )
    run(asking.world, taken, heard=False)
    asking.browser.press(SEND)
    assert asking.browser.reply.status == 200
    assert asking.browser.heading == "No request was sent"
    assert FULL in asking.browser.text
    assert nothing_kept(asking.world)


def test_a_campaign_that_was_paused_meanwhile_is_said_before_anything_is_agreed(
    asking: Asking, paid: int
) -> None:
    to_check_of(asking, paid)
    run(asking.world, "UPDATE campaign SET status = 'paused'")
    asking.browser.reload()
    assert CLOSED in asking.browser.text
    assert asking.browser.page.all("input", name="consent") == []
    assert "Send my request" not in asking.browser.text


def test_a_catalog_published_in_between_changes_nothing_of_what_was_chosen(
    asking: Asking,
) -> None:
    asking.to_check()
    before = asking.browser.text
    services = asking.world.app.extensions["schoolmatch"]
    state = services.serving.state()
    later = _Serving(services.serving, replace(state, catalog_version="cat_another"))
    asking.world.app.extensions["schoolmatch"] = replace(services, serving=later)
    asking.browser.reload()
    assert asking.browser.text == before
    asking.browser.choose("Email.")
    asking.browser.press(SEND)
    assert asking.browser.heading == SENT
    [kept] = asking.world.rows("SELECT slate FROM request")
    assert kept.slate["slate"]["catalog_version"] == state.catalog_version


def test_a_catalog_whose_files_are_gone_is_told_as_results_that_are(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    services = asking.world.app.extensions["schoolmatch"]
    gone = _Serving(services.serving, services.serving.state(), engines=False)
    asking.world.app.extensions["schoolmatch"] = replace(services, serving=gone)
    asking.browser.press(SEND)
    assert asking.browser.reply.status == 404
    assert asking.browser.heading == "These results are gone"
    assert nothing_kept(asking.world)
    asking.world.app.extensions["schoolmatch"] = services
    asking.browser.open("/request/check")
    assert "zoe@example.com" in asking.browser.page.one("dl").text, "what was typed is kept"


class _Serving:
    """What serves, with another state in its place; without engines, no slate can be drawn."""

    def __init__(self, real: Any, state: Any, *, engines: bool = True) -> None:
        self._real, self._state, self._engines = real, state, engines

    def state(self) -> Any:
        return self._state

    def engine(self, catalog_version: str, ranker_version: str) -> Any:
        return self._real.engine(catalog_version, ranker_version) if self._engines else None


@pytest.mark.parametrize(
    "delayed",
    [
        PAUSE,
        "UPDATE destination SET status = 'disabled'",
        BREAK,
    ],
    ids=["paused", "disabled", "breaker open"],
)
def test_a_delivery_that_is_delayed_is_not_said_to_have_been_made(
    asking: Asking, delayed: str
) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    asking.browser.press(SEND)
    assert asking.browser.heading == SENT
    run(asking.world, delayed)
    asking.browser.reload()
    assert asking.browser.reply.status == 200
    assert asking.browser.page.one(class_="lead-status").text == (
        "We have your request and are sending it"
    )
    assert "Sent to the school" not in asking.browser.text
    asking.browser.follow("Take it back from")
    asking.browser.press("Take it back")
    assert "You took your request back" in asking.browser.text


@pytest.mark.parametrize("step", ["form", "check", "sent"])
def test_a_session_that_ended_is_never_a_broken_page(asking: Asking, step: str) -> None:
    asking.to_form()
    if step != "form":
        asking.fill_in()
        asking.browser.choose("Email.")
    if step == "sent":
        asking.browser.press(SEND)
    with asking.world.work() as work:
        work.sessions.delete_expired(asking.world.clock.now() + timedelta(days=30))
    match step:
        case "form":
            asking.fill_in()
            assert asking.browser.reply.status in {200, 422}
            assert "zoe@example.com" in asking.browser.reply.body, "what was typed is kept"
        case "check":
            asking.browser.press(SEND)
            assert asking.browser.heading == "Your time ran out"
            assert nothing_kept(asking.world)
        case _:
            asking.browser.reload()
            assert asking.browser.reply.status == 403
            assert "two hours" in asking.browser.text or "cannot be shown" in asking.browser.heading
            assert asking.world.count("request") == 1
