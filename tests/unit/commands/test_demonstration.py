"""Which schools the demonstration stands in for."""

from collections import Counter
from dataclasses import replace

from commands.demonstration.choose import ChosenSchool
from commands.demonstration.neighbours import region_around
from commands.demonstration.plan import plan
from matcher.geography import REGIONS

STATES = sorted(REGIONS)[:25]
SCHOOLS = tuple(ChosenSchool(100000 + n, f"School {n}", STATES[n % 25]) for n in range(80))


def test_every_school_is_dealt_to_exactly_one_organization() -> None:
    dealt = Counter(unitid for one in plan(SCHOOLS) for unitid in one.unitids)
    assert dealt == Counter(school.unitid for school in SCHOOLS)


def test_every_organization_says_that_it_is_fictional() -> None:
    """Invariant 14: fictional sponsors are called fictional."""
    assert all("(fictional)" in one.name for one in plan(SCHOOLS))


def test_two_organizations_take_requests_free_and_the_others_pay_different_prices() -> None:
    planned = plan(SCHOOLS)
    assert sum(not one.campaigns for one in planned) == 2
    prices = [{each.terms.price_minor for each in one.campaigns} for one in planned]
    assert len(set.union(*prices)) == 12
    assert all(len(of_one) <= 1 for of_one in prices)


def test_the_campaigns_of_an_organization_place_each_of_its_schools_once_and_no_others() -> None:
    for one in plan(SCHOOLS):
        placed = [unitid for each in one.campaigns for unitid in each.terms.settings.unitids]
        assert sorted(placed) == (sorted(one.unitids) if one.campaigns else [])


def test_a_campaign_wants_students_of_its_schools_state_and_of_those_around_it() -> None:
    home = {school.unitid: school for school in SCHOOLS}
    for campaign in (each for one in plan(SCHOOLS) for each in one.campaigns):
        settings = campaign.terms.settings
        [state] = {home[unitid].state for unitid in settings.unitids}
        assert settings.states == region_around(state)


def test_only_national_schools_are_placed_before_students_of_every_state() -> None:
    schools = (*SCHOOLS[:30], replace(SCHOOLS[30], national=True), *SCHOOLS[31:])
    everywhere = [
        campaign.terms.settings.unitids
        for one in plan(schools)
        for campaign in one.campaigns
        if not campaign.terms.settings.states
    ]
    assert everywhere == [(SCHOOLS[30].unitid,)]


def test_borders_are_between_states_and_drawn_from_both_sides() -> None:
    assert region_around("NY") == ("CT", "MA", "NJ", "NY", "PA", "VT")
    assert region_around("HI") == ("HI",)
    assert region_around("PR") == ("PR",)
    assert len(region_around("TN")) == len(region_around("MO")) == 9  # the two with most neighbours
    for state in REGIONS:
        for other in region_around(state):
            assert other in REGIONS
            assert state in region_around(other)


def test_the_plan_depends_on_the_schools_alone() -> None:
    assert plan(SCHOOLS) == plan(tuple(replace(school) for school in SCHOOLS))
