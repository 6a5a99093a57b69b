"""Save and come back: what is kept, for whom, for how long, and how it goes."""

from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from models.domain.slates import SLATE_KEY
from tests.integration.web.conftest import Asking

SAVE = "Save and come back later"
GO_ON = "Continue where you left off"
FOUND = "You saved a request"


def save_half(asking: Asking) -> None:
    asking.to_form()
    asking.browser.fill("First name", "Zo\u00eb")
    asking.browser.fill("Email address", "zoe@")
    asking.browser.choose("Yes")
    asking.browser.press(SAVE)
    assert asking.browser.heading == "Your request is saved", asking.browser.text


def end_session(asking: Asking) -> None:
    """As if the browser had been closed, or two hours had passed."""
    del asking.browser.cookies["session"]


def kept(asking: Asking) -> list[Any]:
    """What is kept for longer than a session."""
    return asking.world.rows(
        "SELECT * FROM web_session WHERE expires_at - created_at > interval '1 day'"
    )


def test_who_comes_back_goes_on_with_what_was_typed_finished_or_not(asking: Asking) -> None:
    browser = asking.browser
    save_half(asking)
    assert browser.address == "/saved", "nothing of it is in an address"
    end_session(asking)
    browser.open("/")
    assert FOUND in browser.text
    assert "Zo\u00eb" not in browser.text, "whoever sits here now is told nothing but that"
    browser.press(GO_ON)
    assert browser.heading == "Ask schools for information"
    assert browser.page.one("input", id="first_name")["value"] == "Zo\u00eb"
    assert browser.page.one("input", id="email")["value"] == "zoe@"
    assert [one for one in browser.page.all("input", name="listing_ids") if one.has("checked")]
    assert "zo" not in browser.address.rpartition("?")[2].replace("listing", "").lower()


def test_what_was_checked_goes_on_at_the_consents_and_sending_deletes_it(asking: Asking) -> None:
    browser = asking.browser
    asking.to_check(**{"Phone number": "404 555 0123"})
    details = browser.page.one("dl").text
    browser.press(SAVE)
    end_session(asking)
    browser.open("/")
    browser.press(GO_ON)
    assert browser.heading == "Check and agree"
    assert browser.page.one("dl").text == details
    assert not [one for one in browser.page.all("input") if one.has("checked")]
    browser.choose("Email.")
    browser.press("Send my request to 1 school")
    assert browser.heading == "Your request is on its way"
    assert kept(asking) == []
    browser.open("/")
    assert FOUND not in browser.text


def test_it_is_kept_for_seven_days_sealed_and_no_visit_makes_them_more(asking: Asking) -> None:
    browser = asking.browser
    save_half(asking)
    [row] = kept(asking)
    assert row.expires_at - row.created_at == timedelta(days=7)
    assert b"zoe" not in bytes(row.data).lower()
    assert browser.cookies["saved"] not in str(tuple(row))
    for address in ("/", "/saved"):
        browser.open(address)
    browser.press(GO_ON)
    assert [one.expires_at for one in kept(asking)] == [row.expires_at]
    with asking.world.work() as work:
        work.sessions.delete_expired(row.created_at + timedelta(days=7))
    browser.open("/")
    assert FOUND not in browser.text
    browser.open("/saved")
    assert browser.heading == "Nothing is saved here"
    assert "saved" not in browser.cookies


def test_the_cookie_lives_seven_days_out_of_reach_of_scripts_and_other_sites(
    asking: Asking,
) -> None:
    asking.to_form()
    form = asking.browser.page.one("main").one("form")
    hidden = [(one["name"], one["value"]) for one in form.all("input", type="hidden")]
    pairs = [*hidden, ("first_name", "Zo\u00eb"), ("age_18_or_over", "yes")]
    cookies = "; ".join(f"{name}={value}" for name, value in asking.browser.cookies.items())
    reply = asking.browser.fetch("POST", "/saved", pairs, cookies)
    [cookie] = [one for one in reply.headers["set-cookie"] if one.startswith("saved=")]
    for part in ("Max-Age=604800", "HttpOnly", "SameSite=Lax"):
        assert part in cookie


def test_it_can_be_deleted_at_once_with_what_the_session_holds(asking: Asking) -> None:
    browser = asking.browser
    save_half(asking)
    browser.press(GO_ON)
    browser.open("/saved")
    browser.press("Delete what is saved")
    assert browser.heading == "Nothing is saved here"
    assert kept(asking) == []
    assert "saved" not in browser.cookies
    asking.to_form()
    assert browser.page.one("input", id="first_name")["value"] == ""


def test_saving_again_keeps_only_the_last(asking: Asking) -> None:
    save_half(asking)
    before = asking.browser.cookies["saved"]
    save_half(asking)
    assert len(kept(asking)) == 1
    assert asking.browser.cookies["saved"] != before


def test_nothing_is_saved_of_who_is_under_18(asking: Asking) -> None:
    asking.to_form()
    asking.browser.choose("No")
    asking.browser.press(SAVE)
    assert asking.browser.heading == "You cannot send a request yet"
    assert kept(asking) == []


def test_nothing_is_saved_of_who_has_not_said_whether_they_are_18(asking: Asking) -> None:
    browser = asking.browser
    asking.to_form()
    browser.fill("First name", "Zo\u00eb")
    browser.press(SAVE)
    assert kept(asking) == []
    assert browser.reply.status == 422
    assert "Say whether you are 18 or over" in browser.page.one(role="alert").text
    assert browser.page.one("input", id="first_name")["value"] == "Zo\u00eb", "what was typed stays"
    browser.choose("Yes")
    browser.press(SAVE)
    assert browser.heading == "Your request is saved"
    assert len(kept(asking)) == 1


@pytest.mark.parametrize("address", ["/saved/continue", "/saved/delete"])
def test_another_site_can_neither_take_it_up_nor_delete_it(asking: Asking, address: str) -> None:
    save_half(asking)
    end_session(asking)
    asking.browser._go("POST", address, [])
    assert asking.browser.heading == "Your request is saved"
    assert len(kept(asking)) == 1


def test_a_sessions_token_opens_nothing_that_is_saved_and_the_other_way_round(
    asking: Asking,
) -> None:
    save_half(asking)
    cookies = asking.browser.cookies
    cookies["session"], cookies["saved"] = cookies["saved"], cookies["session"]
    asking.browser.open("/saved")
    assert asking.browser.heading == "Nothing is saved here"


def test_a_search_that_is_not_there_any_more_is_done_again(asking: Asking) -> None:
    browser = asking.browser
    save_half(asking)
    slates = Redis.from_url(asking.world.settings.redis_url)
    slates.delete(*slates.scan_iter(f"{SLATE_KEY}*"))
    browser.press(GO_ON)
    assert browser.heading == "Programs for you"
    browser.follow("Ask for information")
    assert browser.page.one("input", id="first_name")["value"] == "Zo\u00eb"
