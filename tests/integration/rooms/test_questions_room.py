"""A school's own questions in its room."""

import pytest

from models.domain.question import Option, OwnQuestion
from tests.support.browser import PlainBrowser
from tests.support.staff import Person, Rooms, room


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    browser = rooms.log_in(admin_a)
    browser.open(room(rooms.schools["A"], "questions"))
    browser.follow("Look and change sch_194240")
    return browser


def asked(rooms: Rooms) -> tuple[OwnQuestion, ...]:
    with rooms.unit_of_work() as work:
        return work.destinations.intake(rooms.schools["A"].unitid).questions


def test_questions_are_asked_changed_ordered_previewed_and_removed(
    rooms: Rooms, here: PlainBrowser
) -> None:
    here.fill("Question", "What is your grade point average?")
    here.choose("A number")
    here.fill("Least number you take", "2,5")
    here.press("Save")
    here.fill("Question", "Day or evening classes?")
    here.choose("One of several answers")
    here.fill("Answers you take", "Day\nEvening")
    here.fill("Answers you do not take", "Neither")
    here.press("Save")
    gpa, when = asked(rooms)
    assert (gpa.question_id, gpa.least) == ("what_is_your_grade_point_average", 2.5)
    assert when.options == (
        Option("day", "Day"),
        Option("evening", "Evening"),
        Option("neither", "Neither", accepted=False),
    )
    assert "answers.day_or_evening_classes" in here.text
    here.press("Move up Day or evening classes?")
    assert [each.label for each in asked(rooms)] == [when.label, gpa.label]
    here.follow("Change Day or evening classes?")
    here.fill("Answers you take", "Evening\nDay time")
    here.press("Save")
    changed = asked(rooms)[0]
    # What systems call an answer stays while its words do.
    assert [one.value for one in changed.options] == ["evening", "day_time", "neither"]
    assert changed.question_id == when.question_id
    here.follow("See it as a student does")
    assert "Day or evening classes?" in here.page.one("fieldset", class_="question").text
    assert "asks you" in here.text or "sch_194240" in here.heading
    here.follow("Back to the questions")
    here.press("Remove Day or evening classes?")
    assert [each.label for each in asked(rooms)] == [gpa.label]
    done = [row.action for row in rooms.rows("audit") if row.action.startswith("school.question")]
    assert sorted(done) == [
        *["school.question.add"] * 3,
        "school.question.order",
        "school.question.remove",
    ]


def test_what_must_not_be_asked_is_refused_at_its_field_and_kept_typed(
    rooms: Rooms, here: PlainBrowser
) -> None:
    here.fill("Question", "What is your Social Security number?")
    here.press("Save")
    assert here.reply.status == 422
    assert "cannot be asked here" in here.page.one("span", id="label-error").text
    assert here.page.one("input", id="label")["value"] == "What is your Social Security number?"
    here.fill("Question", "Which?")
    here.choose("One of several answers")
    here.press("Save")
    assert "A choice needs options" in here.page.one("span", id="taken-error").text
    assert asked(rooms) == ()


def test_nobody_overwrites_a_change_that_they_have_not_seen(
    rooms: Rooms, here: PlainBrowser, admin_a: Person
) -> None:
    here.fill("Question", "Day or evening?")
    here.press("Save")
    other = rooms.log_in(admin_a)
    other.open(here.address)
    for browser in (here, other):
        browser.follow("Change Day or evening?")
    here.fill("Question", "Day classes or evening classes?")
    here.press("Save")
    other.fill("Question", "Morning or evening?")
    other.press("Save")
    assert other.reply.status == 409
    assert "Somebody else changed these questions" in other.page.one("span", id="label-error").text
    assert [each.label for each in asked(rooms)] == ["Day classes or evening classes?"]
    assert "Day classes or evening classes?" in other.text, "what holds now is seen first"
    assert other.page.one("input", id="label")["value"] == "Morning or evening?"
    here.open(room(rooms.schools["A"], "questions/sch_194240"))
    other.press("Save")
    assert [each.label for each in asked(rooms)] == ["Morning or evening?"]
    here.press("Remove Day classes or evening classes?")
    assert "Somebody else changed these questions" in here.text
    assert [each.label for each in asked(rooms)] == ["Morning or evening?"]
