"""Asking schools, page by page, on a real database: what is kept, sent and said."""

import json
from datetime import timedelta

import pytest

from tests.integration.web.conftest import Asking
from tests.integration.web.keepers import Counting, over_the_limit


def test_the_form_offers_the_chosen_school_ticked_and_others_unticked(asking: Asking) -> None:
    asking.to_form()
    boxes = asking.browser.page.all("input", type="checkbox", name="listing_ids")
    assert len(boxes) >= 6
    assert [box["value"] for box in boxes if box.has("checked")] == [boxes[0]["value"]]


def test_invariant_3_only_schools_that_take_requests_here_are_offered(asking: Asking) -> None:
    asking.to_results()
    taking = sum("Ask for information" in card.text for card in asking.browser.page.all("article"))
    asking.browser.follow("Ask for information")
    assert len(asking.browser.page.all("input", name="listing_ids")) == taking
    assert 0 < taking < 20


def test_every_field_that_is_missing_is_told_and_what_was_typed_is_kept(asking: Asking) -> None:
    asking.to_form()
    asking.browser.fill("First name", "Zo\u00eb")
    asking.browser.fill("Email address", "not an address")
    asking.browser.fill("Phone number", "123")
    asking.browser.press("Continue")
    assert asking.browser.reply.status == 422
    page = asking.browser.page
    assert page.one("title").text.startswith("Error: ")
    assert [link.text for link in page.one(role="alert").all("a")] == [
        "Say whether you are 18 or over",
        "Enter your last name",
        "Enter an email address in the correct format, like name@example.com",
        "Enter a US or Canadian phone number, like 404 555 0123, or leave it empty",
    ], "in the order of the page"
    for link in page.one(role="alert").all("a"):
        assert page.one("input", id=link["href"][1:]).tag == "input"
    assert page.one("input", id="first_name")["value"] == "Zo\u00eb"
    assert page.one("input", id="email")["value"] == "not an address"


def test_nobody_under_18_gets_to_consents(asking: Asking) -> None:
    asking.to_form()
    for label, value in (("First name", "A"), ("Last name", "B"), ("Email address", "a@b.org")):
        asking.browser.fill(label, value)
    asking.browser.choose("No")
    asking.browser.press("Continue")
    assert asking.browser.reply.status == 422
    assert "You must be 18 or over" in asking.browser.page.one(role="alert").text


def test_choosing_no_school_is_told_at_the_schools(asking: Asking) -> None:
    asking.to_form()
    school = asking.browser.page.all("input", name="listing_ids")[0]
    label = asking.browser.page.one("label", **{"for": school["id"]}).text
    asking.browser.choose(label)
    asking.browser.choose("Yes")
    asking.browser.press("Continue")
    assert "Select at least one school" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.one(id="listing_ids").tag == "input"


def test_more_than_five_schools_are_refused(asking: Asking) -> None:
    asking.to_form()
    for box in asking.browser.page.all("input", name="listing_ids"):
        asking.browser.typed[id(box)] = box["value"]
    for label, value in (("First name", "A"), ("Last name", "B"), ("Email address", "a@b.org")):
        asking.browser.fill(label, value)
    asking.browser.choose("Yes")
    asking.browser.press("Continue")
    assert asking.browser.reply.status == 422
    assert "Choose up to 5 schools" in asking.browser.page.one(role="alert").text


def test_invariant_3_no_box_is_ticked_and_each_names_its_school(asking: Asking) -> None:
    asking.to_check()
    boxes = asking.browser.page.all("input", name="consent")
    assert len(boxes) == 1
    assert not boxes[0].has("checked")
    label = asking.browser.page.one("label", **{"for": boxes[0]["id"]}).text
    school = asking.browser.page.all("legend")[0].text.split(":")[0]
    assert school in label
    assert "not a condition" in label


def test_boxes_for_calls_and_texts_stand_there_only_with_a_number(asking: Asking) -> None:
    asking.to_check(**{"Phone number": "(404) 555-0123"})
    assert [
        box["value"].split(":")[1] for box in asking.browser.page.all("input", name="consent")
    ] == [
        "email",
        "call",
        "text",
    ]
    said = asking.browser.page.one("dl").text
    assert "(404) 555-0123" in said
    assert "Language English" in said, "all that goes to a school is shown before it goes"


def test_sending_without_a_tick_is_refused_and_nothing_is_kept(asking: Asking) -> None:
    asking.to_check()
    asking.browser.press("Send my request to 1 school")
    assert asking.browser.reply.status == 422
    summary = asking.browser.page.one(role="alert")
    assert "Select at least one school" in summary.text
    [leads_to] = [link["href"].removeprefix("#") for link in summary.all("a")]
    assert asking.browser.page.one("input", id=leads_to)["name"] == "consent"
    assert asking.world.count("request") == asking.world.count("lead") == 0


def test_invariant_3_a_request_goes_to_the_ticked_school_alone(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    asking.browser.press("Send my request to 1 school")
    assert asking.browser.heading == "Your request is on its way"
    assert asking.world.count("lead") == asking.world.count("consent") == 1
    assert asking.world.count("delivery") == 1
    assert "We have your request" in asking.browser.text


def test_who_sends_too_often_waits_a_minute_and_keeps_answers_and_ticks(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    with over_the_limit(asking):
        asking.browser.press("Send my request to 1 school")
    assert asking.browser.reply.status == 429
    assert asking.browser.reply.header("Retry-After") == "30"
    saved = "Wait a minute, then send again. Your answers are saved"
    assert saved in asking.browser.page.one(role="alert").text
    assert asking.browser.page.one("input", name="consent").has("checked")
    asking.browser.press("Send my request to 1 school")
    assert asking.browser.heading == "Your request is on its way"


def test_over_the_limit_nothing_typed_is_lost_and_a_mistake_is_told_then(asking: Asking) -> None:
    asking.to_form()
    asking.browser.fill("First name", "Zo\u00eb")
    with over_the_limit(asking):
        asking.browser.press("Continue")
    assert asking.browser.reply.status == 429
    assert asking.browser.page.one("input", name="first_name")["value"] == "Zo\u00eb"
    asking.browser.press("Try again")
    assert asking.browser.reply.status == 422
    assert asking.browser.page.one("input", id="first_name")["value"] == "Zo\u00eb"


def test_a_form_drawn_again_counts_as_no_page_of_results(asking: Asking) -> None:
    asking.to_results()
    slates = Counting(asking)
    with slates:
        asking.browser.follow("Ask for information")
        asking.browser.press("Continue")
    assert (slates.admitted, slates.kept) == (2, 0)


def test_a_page_asked_for_too_often_claims_nothing_about_answers(asking: Asking) -> None:
    asking.to_results()
    with over_the_limit(asking):
        asking.browser.follow("Ask for information")
    assert asking.browser.reply.status == 429
    assert asking.browser.reply.header("Retry-After") == "30"
    assert "saved" not in asking.browser.text


def test_of_two_schools_only_the_ticked_one_gets_the_lead(asking: Asking) -> None:
    asking.to_form()
    second = asking.browser.page.all("input", name="listing_ids")[1]
    asking.browser.typed[id(second)] = second["value"]
    for label, value in (("First name", "A"), ("Last name", "B"), ("Email address", "a@b.org")):
        asking.browser.fill(label, value)
    asking.browser.choose("Yes")
    asking.browser.press("Continue")
    box = asking.browser.page.all("input", name="consent")[1]
    asking.browser.typed[id(box)] = box["value"]
    asking.browser.press("Send my request to 2 schools")
    [lead] = asking.world.rows("SELECT unitid FROM lead")
    assert box["value"].startswith(f"sch_{lead.unitid}:email:")


def test_sending_twice_says_so_and_makes_one_request(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    form = asking.browser.page.one("main").one("form")
    again = [(one["name"], one["value"]) for one in form.all("input")]
    asking.browser.press("Send my request to 1 school")
    reference = asking.browser.page.one(id="reference").text
    asking.browser._go("POST", "/request/check", again)
    assert asking.browser.heading == "You already sent this"
    assert asking.browser.page.one(id="reference").text == reference
    assert asking.world.count("request") == 1


def test_going_back_after_sending_shows_what_was_sent(asking: Asking) -> None:
    asking.to_check()
    check = asking.browser.address
    asking.browser.choose("Email.")
    asking.browser.press("Send my request to 1 school")
    asking.browser.open(check)
    assert asking.browser.heading == "You already sent this"


def test_a_second_school_is_asked_without_typing_again(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    asking.browser.press("Send my request to 1 school")
    asking.browser.follow("Back to your results")
    asking.browser.follow("Ask for information")
    assert asking.browser.page.one("input", id="email")["value"] == "zoe@example.com"


def test_details_can_be_changed_before_sending(asking: Asking) -> None:
    asking.to_check()
    asking.browser.follow("Change your details")
    asking.browser.fill("First name", "Zelda")
    asking.browser.press("Continue")
    assert "Zelda Example" in asking.browser.page.one("dl").text


def test_a_session_that_ended_says_so_and_leads_back_to_the_results(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    with asking.world.work() as work:
        work.sessions.delete_expired(asking.world.clock.now() + timedelta(hours=3))
    asking.browser.press("Send my request to 1 school")
    assert asking.browser.reply.status == 410
    assert asking.browser.heading == "Your time ran out"
    asking.browser.follow("Ask again from your results")
    assert asking.browser.reply.status == 200
    assert asking.browser.heading == "Ask schools for information"
    assert asking.world.count("request") == 0


def test_what_was_typed_into_a_page_open_for_too_long_is_kept(asking: Asking) -> None:
    asking.to_form()
    asking.browser.fill("First name", "Zo\u00eb")
    asking.browser.cookies.clear()
    asking.browser.press("Continue")
    assert "open for too long" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.one("input", id="first_name")["value"] == "Zo\u00eb"


def test_a_draft_changed_in_another_tab_is_shown_again_before_it_is_sent(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    old = [
        (one["name"], one["value"])
        for one in asking.browser.page.one("main").one("form").all("input")
    ]
    asking.browser.follow("Change your details")
    asking.browser.fill("First name", "Zelda")
    asking.browser.press("Continue")
    asking.browser._go("POST", "/request/check", old)
    assert asking.browser.reply.status == 409
    assert "Zelda Example" in asking.browser.page.one("dl").text
    assert asking.world.count("request") == 0


def test_invariant_11_nothing_typed_is_in_an_address_or_the_session_table(asking: Asking) -> None:
    asking.to_check()
    assert "zoe" not in asking.browser.address.lower()
    [row] = asking.world.rows("SELECT * FROM web_session")
    assert b"zoe@example.com" not in bytes(row.data)
    assert b"zoe" not in json.dumps([str(value) for value in row]).encode()


def test_the_confirmation_is_shown_only_to_who_sent_it(asking: Asking) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    asking.browser.press("Send my request to 1 school")
    asking.browser.cookies.clear()
    asking.browser.reload()
    assert asking.browser.reply.status == 403
    assert "Zo\u00eb" not in asking.browser.reply.body


@pytest.mark.parametrize(
    "address",
    [
        "/request?slate_id=slt_00000000000000000000000000",
        "/request?slate_id=nonsense",
        "/request?slate_id=slt_00000000000000000000000000&listing_id=lst_1_00000000",
    ],
)
def test_results_that_are_not_kept_are_told_as_gone(asking: Asking, address: str) -> None:
    asking.browser.open(address)
    assert asking.browser.reply.status == 404
    assert "These results are gone" in asking.browser.text


def test_invariant_3_a_listing_that_takes_no_requests_cannot_be_asked(asking: Asking) -> None:
    asking.to_form()
    listing = next(one for one in asking.world.search()["results"] if one["request"] != "here")
    form = asking.browser.page.one("main").one("form")
    slate = form.one("input", name="slate_id")["value"]
    found = asking.world.client.post("/api/v1/matches", json={"slate_id": slate}).json
    other = next(one for one in found["results"] if one["position"] == listing["position"])
    token = form.one("input", name="csrf_token")["value"]
    pairs = [("csrf_token", token), ("slate_id", slate), ("listing_ids", other["listing_id"])]
    asking.browser._go("POST", "/request", pairs)
    assert asking.browser.reply.status == 422
    assert "takes no requests here" in asking.browser.page.one(role="alert").text
    assert asking.world.rows("SELECT 1 FROM person_key") == []
