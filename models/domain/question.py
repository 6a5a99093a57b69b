"""A school's own question to a student: what may be answered, and what the school takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.domain.errors import InvalidInputError
from models.domain.question_lint import refused

MOST_QUESTIONS = 10
MOST_ANSWER = 500
MOST_LABEL = 200
# What a page's own fields and messages are called, and what tells a page of the journey.
TAKEN_NAMES = frozenset({"csrf_token", "first_name", "main", "slate_id"})
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


class Wrong(StrEnum):
    """What is wrong with an answer; the last three say that the school takes no such student."""

    EMPTY = "question_empty"
    NO_CHOICE = "question_choice"
    NO_NUMBER = "question_number"
    LONG = "too_long"
    BELOW = "question_below"
    ABOVE = "question_above"
    NOT_ACCEPTED = "question_not_accepted"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; not ``accepted``: a student who chooses it is none whom the school takes."""

    value: str
    label: str
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question as a school asks it, in the school's own words.

    ``least`` and ``most`` bound a number that the school takes, such as a grade point average.
    """

    question_id: str
    label: str
    kind: QuestionKind
    required: bool = True
    options: tuple[Option, ...] = ()
    least: float | None = None
    most: float | None = None

    def wrong(self, answer: str) -> Wrong | None:
        """Tell what is wrong with an answer as typed; empty is none."""
        if not answer:
            return Wrong.EMPTY if self.required else None
        match self.kind:
            case QuestionKind.CHOICE:
                return self._wrong_choice(answer)
            case QuestionKind.NUMBER:
                return self._wrong_number(answer)
            case QuestionKind.TEXT:
                return Wrong.LONG if len(answer) > MOST_ANSWER else None

    def _wrong_choice(self, answer: str) -> Wrong | None:
        chosen = next((option for option in self.options if option.value == answer), None)
        if chosen is None:
            return Wrong.NO_CHOICE
        return None if chosen.accepted else Wrong.NOT_ACCEPTED

    def _wrong_number(self, answer: str) -> Wrong | None:
        number = read_number(answer)
        if number is None:
            return Wrong.NO_NUMBER
        if self.least is not None and number < self.least:
            return Wrong.BELOW
        return Wrong.ABOVE if self.most is not None and number > self.most else None

    def said(self, answer: str) -> str:
        """Say an answer as it was offered."""
        return next((one.label for one in self.options if one.value == answer), answer)

    def document(self) -> dict[str, Any]:
        """Write it as plain JSON values."""
        return {
            "question_id": self.question_id,
            "label": self.label,
            "kind": self.kind.value,
            "required": self.required,
            "options": [[one.value, one.label, one.accepted] for one in self.options],
            "least": self.least,
            "most": self.most,
        }


def check_question(question: OwnQuestion, others: Sequence[OwnQuestion]) -> None:
    """Refuse a question that nobody could answer, must not be asked, or is one too many.

    Raises:
        InvalidInputError: naming each thing to mend.
    """
    problems = {name: [message] for name, holds, message in _faults(question, others) if holds}
    asked = "; ".join((question.label, *(option.label for option in question.options)))
    why = refused(asked)
    if why is not None:
        problems.setdefault("label", [why])
    if problems:
        raise InvalidInputError(problems)


def _faults(
    question: OwnQuestion, others: Sequence[OwnQuestion]
) -> Sequence[tuple[str, bool, str]]:
    options = question.options
    values = [option.value for option in options]
    bounds = [each for each in (question.least, question.most) if each is not None]
    ids = {*(other.question_id for other in others), question.question_id}
    return (
        (
            "id",
            not _ID.fullmatch(question.question_id) or question.question_id in TAKEN_NAMES,
            "Use small letters, digits and _, beginning with a letter: gpa",
        ),
        ("id", len(ids) > MOST_QUESTIONS, f"A school asks at most {MOST_QUESTIONS} questions"),
        (
            "label",
            not 0 < len(question.label.strip()) <= MOST_LABEL,
            f"Write the question in 1 to {MOST_LABEL} characters",
        ),
        (
            "option",
            (question.kind is QuestionKind.CHOICE) != bool(options),
            "A choice needs options, and nothing else has any",
        ),
        (
            "option",
            len(set(values)) < len(values) or not all(map(_ID.fullmatch, values)),
            "Write each option once, as value=Label: yes=Yes",
        ),
        (
            "refuse",
            bool(options) and not any(option.accepted for option in options),
            "Leave at least one option that the school takes",
        ),
        (
            "least",
            bool(bounds) and question.kind is not QuestionKind.NUMBER,
            "Only a number has a least and a most",
        ),
        ("most", bounds != sorted(bounds), "The most is below the least"),
    )


def read_number(typed: str) -> float | None:
    """Read a number as people here type it: ``3.5``, ``3,5``; None when it is none."""
    plain = typed.strip().replace(",", ".")
    if not plain.replace(".", "", 1).isdecimal() or not plain.isascii():
        return None
    return float(plain) if len(plain) <= 12 else None


def read_questions(documents: Sequence[Mapping[str, Any]]) -> tuple[OwnQuestion, ...]:
    """Read questions back from plain JSON values."""
    return tuple(
        OwnQuestion(
            document["question_id"],
            document["label"],
            QuestionKind(document["kind"]),
            required=document["required"],
            options=tuple(Option(*option) for option in document["options"]),
            least=document["least"],
            most=document["most"],
        )
        for document in documents
    )
