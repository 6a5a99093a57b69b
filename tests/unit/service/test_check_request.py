"""What a submission may not say, at the moment it is sent."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from models.domain.errors import InvalidInputError
from models.domain.ids import new_id
from models.domain.request import Student
from service.steps.check_request import check_request
from service.steps.inputs import RequestInput

# The first minutes of December in UTC; from Halifax to Hawaii it is November.
NOW = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)


def said_of(desired_start: str | None) -> dict[str, Any]:
    student = Student("Zoë", "Example", "zoe@example.com", None, desired_start, age_18_or_over=True)
    asked = RequestInput(new_id(NOW), (), student, ())
    slate: Any = SimpleNamespace()
    try:
        check_request(asked, slate, (), NOW)
    except InvalidInputError as error:
        return dict(error.messages)
    return {}


@pytest.mark.parametrize("start", [None, "2026-11", "2026-12", "2027-01", "2036-12"])
def test_a_start_from_this_month_on_is_taken(start: str | None) -> None:
    assert said_of(start) == {}


@pytest.mark.parametrize("start", ["2001-01", "2026-10", "2037-01", "2099-12"])
def test_a_start_that_is_past_or_beyond_planning_is_told_what_to_enter(start: str) -> None:
    [message] = said_of(start)["student.desired_start"]
    assert message == "Enter a month from 2026-11 to 2036-12, or leave it empty"
