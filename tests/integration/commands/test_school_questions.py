"""``schoolmatch school question``, on a real database."""

import json

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.school_id import show_school
from tests.support.commands import Command
from tests.support.leads import Leads


@pytest.fixture
def school(engine: Engine, keyring: Keyring) -> str:
    return show_school(Leads(engine, keyring).school("https://school.example/hook").unitid)


def test_questions_are_added_put_in_place_listed_and_removed(command: Command, school: str) -> None:
    ask = ("school", "question")
    added = command(*ask, "add", school, "gpa", "Your GPA?", "--kind", "number", "--least", "2.5")
    assert added.output == "gpa (number): Your GPA?; least 2.5\n"
    options = ("--option", "ninth=Ninth grade", "--option", "ged=GED", "--refuse", "ninth")
    command(*ask, "add", school, "done", "What have you completed?", "--kind", "choice", *options)
    command(*ask, "add", school, "gpa", "Your grade point average?", "--kind", "number")
    listed = command(*ask, "list", school)
    assert listed.output.splitlines() == [
        "gpa (number): Your grade point average?",
        "done (choice): What have you completed?; Ninth grade (refused), GED",
    ]
    assert command(*ask, "remove", school, "gpa").exit_code == 0
    kept = json.loads(command(*ask, "list", school, "--json").stdout)["questions"]
    assert [one["question_id"] for one in kept] == ["done"]


def test_what_cannot_be_asked_says_why(command: Command, school: str) -> None:
    ask = ("school", "question")
    wrong = command(*ask, "add", school, "GPA", "Your GPA?", "--kind", "choice")
    assert wrong.exit_code == 1
    assert "small letters" in wrong.output
    assert "A choice needs options" in wrong.output
    unknown = command(*ask, "add", school, "gpa", "Your GPA?", "--refuse", "x")
    assert "“x” is refused, but is no option" in unknown.output
    assert "asks no question gpa" in command(*ask, "remove", school, "gpa").output
    assert command(*ask, "list", school).output == f"{school} asks nothing of its own.\n"
