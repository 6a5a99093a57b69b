"""A school's own questions, from its page of the journey to what the school receives."""

from dataclasses import replace
from typing import Any

import pytest

from models.db.repositories.delivery_opening import open_deliveries
from models.domain.question import Option, OwnQuestion, QuestionKind
from models.domain.school_id import show_school
from models.domain.sending import LeadFacts
from tests.integration.api.test_bad_input import errors
from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser

GPA = OwnQuestion("gpa", "What is your grade point average?", QuestionKind.NUMBER, least=2.5)
DONE = OwnQuestion(
    "done",
    "What is your highest level of education completed?",
    QuestionKind.CHOICE,
    options=(
        Option("ninth", "Ninth grade", accepted=False),
        Option("diploma", "High school diploma or GED"),
    ),
)
WHY = OwnQuestion("why", "Why this field?", QuestionKind.TEXT, required=False)


@pytest.fixture
def asked(asking: Asking) -> Asking:
    """A student on the page after their details; the first school asks three things."""
    with asking.world.work() as work:
        unitid = asking.unitids[0]
        intake = work.destinations.intake(unitid)
        work.destinations.set_intake(unitid, replace(intake, questions=(GPA, DONE, WHY)))
    asking.world.serving.poll()
    asking.to_check()
    return asking


def body_of(asking: Asking, unitid: int) -> tuple[dict[str, Any], dict[str, str]]:
    """A submission by the API to one school, and its answers to be filled in."""
    found = asking.world.search()
    listing = next(x for x in found["results"] if x["school"]["id"] == show_school(unitid))
    answers: dict[str, str] = {}
    return {**asking.world.body(found, listing), "answers": {show_school(unitid): answers}}, answers


def test_a_schools_questions_stand_on_a_page_of_their_own_before_the_consents(
    asked: Asking,
) -> None:
    browser = asked.browser
    assert browser.heading.startswith("Questions from ")
    browser.press("Continue")
    assert browser.reply.status == 422
    assert "Answer this question, or leave" in browser.text
    browser.fill("What is your grade point average?", "2.1")
    browser.choose("Ninth grade")
    browser.fill("Why this field?", "Order")
    browser.press("Continue")
    assert "takes requests from 2.5 up" in browser.text
    browser.open(f"{browser.address}{'&' if '?' in browser.address else '?'}lang=fr")
    browser.fill("What is your grade point average?", "2,1")
    browser.press("Continuer")
    assert "à partir de 2,5." in browser.text, "numbers are written as the language does"
    browser.open(f"{browser.address.partition('lang=')[0]}lang=en")
    browser.fill("What is your grade point average?", "2.1")
    browser.choose("Ninth grade")
    browser.fill("Why this field?", "Order")
    browser.press("Continue")
    assert "takes no requests from students with this answer" in browser.text
    assert browser.page.one(id="gpa")["value"] == "2.1", "what was typed stays"
    browser.fill("What is your grade point average?", "3,4")
    browser.choose("High school diploma or GED")
    browser.press("Continue")
    assert browser.heading == "Check and agree"
    for words in ("What is your grade point average?", "3,4", "High school diploma or GED"):
        assert words in browser.text
    browser.follow("Change your answers to")
    assert browser.page.one(id="gpa")["value"] == "3,4"


def test_answers_are_saved_as_they_stand_and_asked_on_where_they_fall_short(asked: Asking) -> None:
    browser = asked.browser
    browser.fill("What is your grade point average?", "2.1")
    browser.fill("Why this field?", "Order")
    browser.press("Save and come back later")
    del browser.cookies["session"]
    browser.open("/")
    browser.press("Continue where you left off")
    assert browser.heading.startswith("Questions from ")
    assert browser.page.one(id="gpa")["value"] == "2.1"
    assert browser.page.one(id="why")["value"] == "Order"


def test_the_school_receives_the_answers_and_nobody_else_does(asked: Asking) -> None:
    browser = asked.browser
    answer_all(browser)
    for box in browser.page.all("input", type="checkbox", name="consent"):
        browser.typed[id(box)] = box["value"]
    browser.press("Send my request to 1 school")
    assert browser.heading == "Your request is on its way", browser.text
    [kept] = asked.world.rows("SELECT answers FROM lead")
    assert b"3.4" not in bytes(kept.answers), "answers are sealed"
    [delivery] = asked.world.rows("SELECT id FROM delivery")
    with asked.world.engine.connect() as connection:
        opened = open_deliveries(connection, asked.world.keyring, [delivery.id], facts=True)
    facts = opened[delivery.id].facts
    assert isinstance(facts, LeadFacts)
    assert facts.answers == {"gpa": "3.4", "done": "diploma"}


def test_check_cannot_be_reached_without_answers(asked: Asking) -> None:
    asked.browser.open("/request/check")
    assert asked.browser.heading.startswith("Questions from ")


def test_a_question_asked_since_is_asked_before_sending(asked: Asking) -> None:
    answer_all(asked.browser)
    with asked.world.work() as work:
        unitid = asked.unitids[0]
        intake = work.destinations.intake(unitid)
        more = replace(GPA, question_id="sat", label="Your SAT score?", least=None)
        work.destinations.set_intake(unitid, replace(intake, questions=(*intake.questions, more)))
    asked.world.serving.poll()
    asked.browser.open("/request/check")
    assert asked.browser.heading.startswith("Questions from ")
    assert asked.browser.page.one(id="gpa")["value"] == "3.4"


def test_a_school_that_asks_nothing_has_no_such_page(asking: Asking) -> None:
    asking.to_check()
    assert asking.browser.heading == "Check and agree"
    asking.browser.open(f"/request/questions/{show_school(asking.unitids[0])}")
    assert asking.browser.heading == "Check and agree"


def test_the_api_asks_and_checks_the_same(asked: Asking) -> None:
    unitid = asked.unitids[0]
    body, answers = body_of(asked, unitid)
    school, ids = show_school(unitid), body["listing_ids"]
    form = asked.world.client.get(
        "/api/v1/request-form", query_string={"slate_id": body["slate_id"], "listing_ids": ids}
    ).json
    assert [(one["question_id"], one["type"]) for one in form["questions"]] == [
        ("gpa", "number"),
        ("done", "choice"),
        ("why", "text"),
    ]
    answers.update({"gpa": "x", "sat": "1"})
    wrong = asked.world.send(body)
    assert wrong.status_code == 422
    assert set(errors(wrong)) == {f"answers.{school}.{name}" for name in ("gpa", "done", "sat")}
    del answers["sat"]
    answers.update({"gpa": "3.4", "done": "diploma"})
    assert asked.world.send(body).status_code == 202


def answer_all(browser: PlainBrowser) -> None:
    browser.fill("What is your grade point average?", "3.4")
    browser.choose("High school diploma or GED")
    browser.press("Continue")
    assert browser.heading == "Check and agree", browser.text
