"""Ids of listings and schools."""

import pytest

from models.domain.clock import SystemClock
from models.domain.errors import InvalidInputError, UnknownIdError
from models.domain.ids import new_id
from models.domain.listing_id import listing_id, read_position
from models.domain.school_id import read_school, show_school

PROGRAM = "prog_194240.5107.2.-.-"


def test_a_listing_tells_its_position_and_belongs_to_one_slate_and_program() -> None:
    one, other = new_id(SystemClock().now()), new_id(SystemClock().now())
    shown = listing_id(one, 21, PROGRAM)
    assert read_position(shown) == 21
    assert shown == listing_id(one, 21, PROGRAM)
    assert shown != listing_id(other, 21, PROGRAM)
    assert shown != listing_id(one, 21, PROGRAM.replace("5107", "5138"))


@pytest.mark.parametrize(
    "text", ["", "lst_0_abcdefgh", "lst_1_abc", "lst_x_abcdefgh", "lst_\u0661_abcdefgh", "1"]
)
def test_what_is_no_listings_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_position(text)


def test_a_schools_id_reads_back_and_nothing_else_does() -> None:
    assert read_school(show_school(194240)) == 194240
    for text in ("194240", "sch_", "sch_0", "sch_1x", "sch_\u0663"):
        with pytest.raises(UnknownIdError):
            read_school(text)
