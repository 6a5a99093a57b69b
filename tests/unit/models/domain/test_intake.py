"""Where a lead goes when a school has several destinations."""

from collections import Counter
from uuid import UUID

import pytest

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.intake import (
    DuplicateRule,
    DuplicateScope,
    Intake,
    Match,
    Route,
    RouteFacts,
    RouteRule,
    Routing,
    read_intake,
)
from models.domain.intake_changes import apply_intake_changes

A, B, C = (UUID(int=number) for number in (1, 2, 3))
SHOWN = {one: show(Prefix.DESTINATION, one) for one in (A, B, C)}
FACTS = RouteFacts("NY", "bachelor", ("51.07",), ("online",))


def test_a_school_that_says_nothing_shares_every_lead() -> None:
    assert Intake().route([A, B], FACTS, 0.5) == Route((A, B))
    assert read_intake(None) == Intake()


def test_the_first_is_asked_at_once_and_the_others_while_nobody_accepts() -> None:
    intake = Intake(Routing.FIRST, order=(C, A))
    assert intake.route([A, B, C], FACTS, 0.5) == Route((C,), (A, B))
    assert intake.route([A, B], FACTS, 0.5) == Route((A,), (B,))


def test_weights_draw_one_as_often_as_they_say() -> None:
    intake = Intake(Routing.WEIGHTED, weights=((A, 3), (B, 1)))
    drawn = Counter(intake.route([A, B, C], FACTS, n / 100).now for n in range(100))
    assert drawn == {(A,): 75, (B,): 25}
    assert intake.route([C], FACTS, 0.9) == Route((C,)), "a lead always goes somewhere"
    assert intake.route([B], FACTS, 0.999999) == Route((B,))


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (RouteRule(B), True),
        (RouteRule(B, states=("NJ", "NY")), True),
        (RouteRule(B, states=("NJ",)), False),
        (RouteRule(B, levels=("bachelor",), cips=("51.07",), formats=("online",)), True),
        (RouteRule(B, levels=("master",)), False),
        (RouteRule(B, cips=("11.01",)), False),
        (RouteRule(B, formats=("campus",)), False),
    ],
)
def test_the_first_rule_that_fits_decides_and_else_the_first_destination(
    rule: RouteRule, *, fits: bool
) -> None:
    intake = Intake(Routing.RULES, rules=(rule, RouteRule(C, states=("CA",))))
    assert intake.route([A, B, C], FACTS, 0.0) == Route((B,) if fits else (A,))
    assert intake.route([A, C], FACTS, 0.0) == Route((A,)), "one that is closed gets nothing"


def test_what_is_typed_is_read_and_survives_the_trip_to_json() -> None:
    typed = {
        "routing": "rules",
        "order": f"{SHOWN[B]},{SHOWN[A]}",
        "weights": f"{SHOWN[A]}:3, {SHOWN[B]}:1",
        "rules": f"{SHOWN[A]} state=NY,NJ level=bachelor; {SHOWN[B]} cip=51.07 format=online",
        "duplicates": "email,phone",
        "match": "all",
        "days": "30",
        "scope": "organization",
    }
    made = apply_intake_changes(Intake(), typed, [A, B])
    assert made == Intake(
        Routing.RULES,
        (B, A),
        ((A, 3), (B, 1)),
        (
            RouteRule(A, ("NY", "NJ"), ("bachelor",)),
            RouteRule(B, cips=("51.07",), formats=("online",)),
        ),
        DuplicateRule(("email", "phone"), Match.ALL, 30, DuplicateScope.ORGANIZATION),
    )
    assert read_intake(made.document()) == made
    assert apply_intake_changes(made, {"days": "9"}, [A]).duplicates == DuplicateRule(
        ("email", "phone"), Match.ALL, 9, DuplicateScope.ORGANIZATION
    )
    assert apply_intake_changes(made, {"duplicates": ""}, [A]).duplicates is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("routing", "some"),
        ("weights", SHOWN[A]),
        ("weights", f"{SHOWN[A]}:0"),
        ("order", SHOWN[C]),
        ("rules", f"{SHOWN[A]} colour=red"),
        ("rules", f"{SHOWN[A]} state=New"),
        ("duplicates", "name"),
        ("days", "0"),
        ("match", "some"),
        ("scope", "world"),
        ("colour", "red"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        apply_intake_changes(Intake(), {name: value}, [A, B])
    assert list(refused.value.messages) == [name]
