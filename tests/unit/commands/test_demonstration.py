"""Which schools the demonstration stands in for."""

from collections import Counter
from dataclasses import replace

from commands.demonstration.choose import ChosenSchool
from commands.demonstration.plan import plan

STATES = [f"{a}{b}" for a in "ABCDE" for b in "VWXYZ"]
SCHOOLS = tuple(ChosenSchool(100000 + n, f"School {n}", STATES[n % 25]) for n in range(80))


def test_every_school_is_dealt_to_exactly_one_organization() -> None:
    dealt = Counter(unitid for one in plan(SCHOOLS) for unitid in one.unitids)
    assert dealt == Counter(school.unitid for school in SCHOOLS)


def test_every_organization_says_that_it_is_fictional() -> None:
    """Invariant 14: fictional sponsors are called fictional."""
    assert all("(fictional)" in one.name for one in plan(SCHOOLS))


def test_two_organizations_take_requests_free_and_the_others_pay_different_prices() -> None:
    planned = plan(SCHOOLS)
    assert sum(one.terms is None for one in planned) == 2
    prices = [one.terms.price_minor for one in planned if one.terms]
    assert len(set(prices)) == len(prices) == 12


def test_a_campaign_places_only_its_own_organizations_schools() -> None:
    for one in plan(SCHOOLS):
        assert one.terms is None or one.terms.settings.unitids == one.unitids


def test_the_plan_depends_on_the_schools_alone() -> None:
    assert plan(SCHOOLS) == plan(tuple(replace(school) for school in SCHOOLS))
