"""Schools' own questions: what may be answered, and what a school does not take."""

from dataclasses import replace
from typing import Any

import pytest

from models.domain.errors import InvalidInputError
from models.domain.intake import Intake, read_intake
from models.domain.question import (
    MOST_ANSWER,
    MOST_QUESTIONS,
    Option,
    OwnQuestion,
    QuestionKind,
    Wrong,
    check_question,
    read_number,
)

GPA = OwnQuestion("gpa", "What is your GPA?", QuestionKind.NUMBER, least=2.5, most=4)
DONE = OwnQuestion(
    "done",
    "What is your highest level of education completed?",
    QuestionKind.CHOICE,
    options=(Option("none", "None", accepted=False), Option("diploma", "Diploma or GED")),
)
WHY = OwnQuestion("why", "Why this field?", QuestionKind.TEXT, required=False)


@pytest.mark.parametrize(
    ("question", "answer", "wrong"),
    [
        (GPA, "3.1", None),
        (GPA, "3,1", None),
        (GPA, "2.5", None),
        (GPA, "", Wrong.EMPTY),
        (GPA, "2.4", Wrong.BELOW),
        (GPA, "4.1", Wrong.ABOVE),
        (GPA, "three", Wrong.NO_NUMBER),
        (GPA, "1e3", Wrong.NO_NUMBER),
        (GPA, "-3", Wrong.NO_NUMBER),
        (GPA, "3.1.2", Wrong.NO_NUMBER),
        (GPA, "\u0663", Wrong.NO_NUMBER),
        (DONE, "diploma", None),
        (DONE, "none", Wrong.NOT_ACCEPTED),
        (DONE, "Diploma or GED", Wrong.NO_CHOICE),
        (WHY, "", None),
        (WHY, "x" * MOST_ANSWER, None),
        (WHY, "x" * (MOST_ANSWER + 1), Wrong.LONG),
    ],
)
def test_an_answer_is_checked_by_its_question(
    question: OwnQuestion, answer: str, wrong: Wrong | None
) -> None:
    assert question.wrong(answer) is wrong


def test_an_answer_is_said_as_it_was_offered() -> None:
    assert DONE.said("diploma") == "Diploma or GED"
    assert WHY.said("for the work") == "for the work"
    assert read_number("3,50") == 3.5


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"question_id": "GPA"}, "id"),
        ({"question_id": "grade-point"}, "id"),
        ({"question_id": "csrf_token"}, "id"),
        ({"question_id": "first_name"}, "id"),
        ({"question_id": "slate_id"}, "id"),
        ({"label": " "}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"kind": QuestionKind.CHOICE, "least": None, "most": None}, "option"),
        ({"options": (Option("a", "A"),)}, "option"),
        ({"kind": QuestionKind.TEXT}, "least"),
        ({"least": 5.0}, "most"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(changes: Any, named: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_question(replace(GPA, **changes), ())
    assert named in refused.value.messages


def test_options_are_different_and_some_are_taken() -> None:
    twice = replace(DONE, options=(Option("a", "A"), Option("a", "B")))
    nobody = replace(DONE, options=(Option("a", "A", accepted=False),))
    for question, named in ((twice, "option"), (nobody, "refuse")):
        with pytest.raises(InvalidInputError) as refused:
            check_question(question, ())
        assert list(refused.value.messages) == [named]


def test_a_school_asks_ten_at_most_and_may_change_one() -> None:
    asked = [replace(WHY, question_id=f"q{n}") for n in range(MOST_QUESTIONS)]
    check_question(asked[0], asked)
    with pytest.raises(InvalidInputError, match="at most 10"):
        check_question(WHY, asked)


def test_questions_are_kept_with_how_a_school_takes_leads() -> None:
    intake = Intake(questions=(GPA, DONE, WHY))
    assert read_intake(intake.document()) == intake
    before = {name: value for name, value in intake.document().items() if name != "questions"}
    assert read_intake(before) == Intake()
