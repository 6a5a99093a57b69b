"""What is saved stays what it was, whatever else its student does or the service meets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.request import MOST_SCHOOLS
from service.services import Services
from tests.integration.api.test_parts_away import free_port
from tests.integration.web.conftest import Asking
from tests.integration.web.keepers import over_the_limit
from tests.integration.web.test_bad_luck import run
from tests.integration.web.test_following import events
from tests.integration.web.test_questions import GPA, WHY
from tests.integration.web.test_saving import FOUND, GO_ON, SAVE, kept
from tests.support.browser import PlainBrowser
from tests.support.pages import Element

SEND, SENT = "Send my request to 1 school", "Your request is on its way"


def ways_to_ask(asking: Asking) -> list[str]:
    """The links that ask schools for information, from one search."""
    asking.to_results()
    links = asking.browser.page.one("main").all("a")
    return [one["href"] for one in links if "Ask for information" in one.text]


def shown_boxes(asking: Asking) -> list[Element]:
    return asking.browser.page.all("input", name="listing_ids")


def chosen(asking: Asking) -> list[str]:
    return [one["value"] for one in shown_boxes(asking) if one.has("checked")]


def save_here(asking: Asking) -> list[str]:
    """Save the form at hand; what is chosen in it."""
    shown = chosen(asking)
    asking.browser.fill("First name", "Zo\u00eb")
    asking.browser.choose("Yes")
    asking.browser.press(SAVE)
    assert asking.browser.heading == "Your request is saved", asking.browser.text
    return shown


def test_sending_to_another_school_of_the_same_search_deletes_nothing_saved(
    asking: Asking,
) -> None:
    first, other, *_ = ways_to_ask(asking)
    browser = asking.browser
    browser.open(first)
    saved = save_here(asking)
    browser.open(other)
    assert chosen(asking) != saved
    asking.fill_in()
    browser.choose("Email.")
    browser.press(SEND)
    assert browser.heading == SENT
    assert len(kept(asking)) == 1
    browser.open("/")
    assert FOUND in browser.text
    browser.press(GO_ON)
    assert chosen(asking) == saved


@contextmanager
def database_away(asking: Asking) -> Iterator[None]:
    """Nobody answers where the database was, for a while."""
    real: Services = asking.world.app.extensions["schoolmatch"]
    nobody = make_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/none", pool_size=1)
    away = replace(real, unit_of_work=lambda: PostgresUnitOfWork(nobody, asking.world.keyring))
    asking.world.app.extensions["schoolmatch"] = away
    yield
    asking.world.app.extensions["schoolmatch"] = real
    nobody.dispose()


def test_the_start_page_is_there_without_the_database_for_who_saved_something_too(
    asking: Asking,
) -> None:
    browser = asking.browser
    asking.to_form()
    save_here(asking)
    with database_away(asking):
        browser.open("/")
        assert browser.reply.status == 200
        assert FOUND not in browser.text
        assert browser.reply.header("cache-control") == "no-store"
        browser.open("/saved")
        assert browser.reply.status == 503, "it may be there: nothing is claimed"
    browser.open("/")
    assert FOUND in browser.text, "the way back was not taken"


def test_the_way_back_to_what_is_not_there_any_more_is_taken_at_the_start_page(
    asking: Asking,
) -> None:
    asking.to_form()
    save_here(asking)
    [row] = kept(asking)
    with asking.world.work() as work:
        work.sessions.delete_expired(row.expires_at)
    asking.browser.open("/")
    assert FOUND not in asking.browser.text
    assert "saved" not in asking.browser.cookies


def test_all_that_was_ticked_is_saved_also_more_than_can_be_asked_at_once(asking: Asking) -> None:
    browser = asking.browser
    asking.to_form()
    boxes = shown_boxes(asking)
    for box in boxes:
        browser.typed[id(box)] = box["value"]
    save_here(asking)
    browser.press(GO_ON)
    assert chosen(asking) == [box["value"] for box in boxes]
    assert len(boxes) > MOST_SCHOOLS


def test_choices_of_other_pages_of_results_stay_also_more_than_can_be_asked_at_once(
    asking: Asking,
) -> None:
    browser = asking.browser
    links = ways_to_ask(asking)
    ids = [link.partition("listing_id=")[2] for link in links]
    # From a later page of the results: none of them stands on it.
    here = links[0].replace("&page=1&", "&page=2&")
    browser.open("".join([here, *(f"&listing_id={each}" for each in ids[1:])]))
    assert chosen(asking) == ids
    assert len(ids) > MOST_SCHOOLS
    assert save_here(asking) == ids
    browser.press(GO_ON)
    assert chosen(asking) == ids
    assert not any(word in browser.address for word in ("Zo", "first_name", "18"))
    asking.fill_in()
    assert browser.reply.status == 422
    assert f"Choose up to {MOST_SCHOOLS} schools" in browser.text
    assert chosen(asking) == ids, "what is wrong is told, and nothing is lost"


def test_a_school_that_closed_meanwhile_is_named_and_the_others_stay_chosen(
    asking: Asking,
) -> None:
    first, other, *_ = ways_to_ask(asking)
    browser = asking.browser
    # From a later page of the results: neither stands on it.
    here = first.replace("&page=1&", "&page=2&")
    browser.open(f"{here}&listing_id={other.partition('listing_id=')[2]}")
    names = [browser.page.one("label", **{"for": box["id"]}).text for box in shown_boxes(asking)]
    [closing, staying] = shown_boxes(asking)
    assert save_here(asking) == [closing["value"], staying["value"]]
    run(
        asking.world,
        "UPDATE destination SET status = 'paused' WHERE id IN (SELECT d.id FROM destination d "  # noqa: S608 - our own number
        "JOIN organization_school s ON s.organization_id = d.organization_id "
        f"WHERE s.unitid = {asking.unitids[0]})",
    )
    browser.press(GO_ON)
    assert browser.reply.status == 200
    assert chosen(asking) == [staying["value"]]
    assert f"{names[0]} takes no requests here." in browser.text
    assert names[1] in browser.text


@pytest.mark.parametrize("page", ["form", "questions", "check"])
@pytest.mark.parametrize("why", ["limited", "away"])
def test_what_was_typed_outlives_a_moment_in_which_it_cannot_be_saved(
    asking: Asking, page: str, why: str
) -> None:
    browser = asking.browser
    if page == "questions":
        asks(asking)
    asking.to_form()
    if page == "form":
        browser.fill("First name", "Zo\u00eb")
        browser.choose("Yes")
    else:
        asking.fill_in()
    if page == "questions":
        browser.fill("Why this field?", "Order")
    status, trouble = {
        "limited": (429, over_the_limit(asking)),
        "away": (503, database_away(asking)),
    }[why]
    with trouble:
        browser.press(SAVE)
    assert browser.reply.status == status
    assert kept(asking) == []
    browser.press("Try again")
    assert browser.heading == "Your request is saved"
    del browser.cookies["session"]
    browser.open("/")
    browser.press(GO_ON)
    match page:
        case "form":
            assert browser.page.one("input", id="first_name")["value"] == "Zo\u00eb"
            assert chosen(asking)
        case "questions":
            assert browser.page.one(id="why")["value"] == "Order"
        case _:
            assert browser.heading == "Check and agree"


def test_a_page_open_elsewhere_sends_no_answers_that_were_changed_and_saved(
    asking: Asking,
) -> None:
    asks(asking)
    asking.to_check()
    browser, gpa = asking.browser, "What is your grade point average?"
    browser.fill(gpa, "3.4")
    browser.press("Continue")
    other = PlainBrowser(browser.fetch, browser.cookies)
    other.open(browser.address)
    assert "3.4" in other.text
    browser.follow("Change your answers to")
    browser.fill(gpa, "2.9")
    browser.press(SAVE)
    browser.press(GO_ON)
    assert "2.9" in browser.text
    other.choose("Email.")
    other.press(SEND)
    assert asking.world.count("request") == 0
    assert other.reply.status == 409
    assert "2.9" in other.text
    browser.choose("Email.")
    browser.press(SEND)
    assert browser.heading == SENT


def test_coming_back_counts_no_click_and_no_request_begun_again(asking: Asking) -> None:
    asking.to_form()
    saved = save_here(asking)
    before = events(asking.world)
    assert [kind for kind, _ in before] == ["click", "request_started"]
    asking.browser.press(GO_ON)
    assert chosen(asking) == saved
    asking.browser.reload()
    assert chosen(asking) == saved
    assert events(asking.world) == before


def asks(asking: Asking) -> None:
    """Let the first school ask two questions, one of which must be answered."""
    with asking.world.work() as work:
        intake = work.destinations.intake(asking.unitids[0])
        work.destinations.set_intake(asking.unitids[0], replace(intake, questions=(GPA, WHY)))
    asking.world.serving.poll()


def test_answers_to_a_schools_questions_outlive_a_moment_of_too_many(asking: Asking) -> None:
    browser = asking.browser
    asks(asking)
    asking.to_form()
    asking.fill_in()
    browser.fill("What is your grade point average?", "3.4")
    browser.fill("Why this field?", "Order")
    with over_the_limit(asking):
        browser.press("Continue")
    assert browser.reply.status == 429
    browser.press("Try again")
    assert browser.heading == "Check and agree"
    assert "Order" in browser.text
