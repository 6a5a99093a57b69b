"""A school that refuses more than chance explains is told apart from one that does not."""

from uuid import UUID

import pytest

from models.domain.refusals import Refusals


@pytest.mark.parametrize(
    ("recent", "recent_refused", "before", "before_refused", "jumped"),
    [
        (100, 5, 400, 20, False),
        (100, 12, 400, 20, False),  # a bad week, no more
        (100, 20, 400, 20, True),
        (9, 9, 400, 20, False),  # too few to say anything
        (10, 10, 400, 20, True),
        (40, 40, 0, 0, True),  # a new school that wants none of what it gets
        (40, 30, 400, 300, False),  # it always was so
        (0, 0, 400, 20, False),
    ],
)
def test_a_jump_is_what_chance_does_not_explain(
    recent: int, recent_refused: int, before: int, before_refused: int, *, jumped: bool
) -> None:
    found = Refusals(UUID(int=1), "Maple", recent, recent_refused, before, before_refused)
    assert found.jumped is jumped
