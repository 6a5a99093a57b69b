"""What was typed becomes answers, and what was set aside is said."""

from functools import cache
from typing import Any

import pytest

from matcher.fields import FieldIndex
from models.domain.errors import InvalidInputError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.matching import Answers
from service import messages
from service.steps.inputs import SearchInput
from service.steps.read_answers import field_advice, read_answers

HIGH_SCHOOL = EducationLevel.HIGH_SCHOOL
NO_PLACES: Any = None  # a search by state looks for no code

_fields = cache(FieldIndex.load)


def read(query: str, level: EducationLevel = HIGH_SCHOOL) -> Answers:
    asked = SearchInput(education_level=level, region="NY", query=query)
    return read_answers(asked, _fields(), NO_PLACES)[0]


@pytest.mark.parametrize(
    "typed",
    [
        "not sure", "Not sure yet.", "idk", "I don't know", "I don’t know!", "undecided",  # noqa: RUF001
        "no sé", "NO SE", "todavía no sé", "je ne sais pas", "Je ne sais pas encore", "aucune idée",
    ],
)  # fmt: skip
def test_who_knows_no_field_yet_is_served_like_who_named_none(typed: str) -> None:
    asked = SearchInput(education_level=HIGH_SCHOOL, region="NY")
    assert read(typed) == read_answers(asked, _fields(), NO_PLACES)[0]


@pytest.mark.parametrize(
    ("typed", "cip"), [("not sure, maybe nursing", "51.38"), ("any nursing", "51.38")]
)
def test_a_field_named_beside_doubt_is_a_field(typed: str, cip: str) -> None:
    assert cip in read(typed).fields


def test_words_about_no_field_are_still_told_so() -> None:
    with pytest.raises(InvalidInputError) as told:
        read("asdfgh")
    assert told.value.messages["query"]


def test_who_lacks_a_diploma_is_told_once_that_their_field_was_set_aside() -> None:
    without = EducationLevel.NO_DIPLOMA
    advice = field_advice(read("nursing", without))
    assert [note.code for note in advice] == ["field_set_aside"]
    assert "set it aside" in messages.note("en", "advice", advice[0])
    assert field_advice(read("idk", without)) == ()
    assert field_advice(read("nursing")) == ()


@pytest.mark.parametrize(
    ("level", "wanted"),
    [
        (EducationLevel.HIGH_SCHOOL, CredentialLevel.BACHELOR),
        (EducationLevel.ASSOCIATE, CredentialLevel.BACHELOR),
        (EducationLevel.BACHELOR, None),
        (EducationLevel.MASTER, None),
    ],
)
def test_a_credential_that_is_behind_a_student_is_not_what_they_look_for(
    level: EducationLevel, wanted: CredentialLevel | None
) -> None:
    answers = read("teacher", level)
    assert answers.specialty == "School teaching"
    assert answers.specialty_credential is wanted
