"""Schools as the rooms of staff name them."""

from service.steps.claim_listing import SchoolFound


def test_a_school_is_named_with_its_place_as_far_as_that_is_known() -> None:
    assert SchoolFound(1, "Adams College", "NY").placed == "Adams College, NY"
    assert SchoolFound(1, "Adams College", "").placed == "Adams College"
