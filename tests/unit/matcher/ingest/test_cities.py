from pathlib import Path

import pytest

from benchmarks._place_rules import choose, halves
from benchmarks.places import measure
from matcher.geography import distance_miles, unit_vectors
from matcher.ingest.cities import Gazetteer
from matcher.ingest.institutions import read_institutions
from matcher.ingest.postal import read_postal_rows, us_zip_codes
from matcher.ingest.truewise import read_programs

OFFICIAL = Path(__file__).parents[5] / "shared" / "data" / "scorecard_institutions.csv"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    us_codes = us_zip_codes()
    return Gazetteer(us_codes, read_postal_rows(us_codes))


@pytest.mark.parametrize(
    ("name", "state", "near"),
    [
        ("Bryant & Stratton College-Buffalo", "NY", (42.886, -78.878)),
        ("University of Rochester", "NY", (43.157, -77.615)),
        ("University of Alabama at Birmingham", "AL", (33.521, -86.803)),
        ("Remington College-Mobile Campus", "AL", (30.694, -88.043)),
        ("Milwaukee Area Technical College", "WI", (43.039, -87.906)),
    ],
)
def test_a_name_that_says_its_city_is_placed_within_25_miles(
    gazetteer: Gazetteer, name: str, state: str, near: tuple[float, float]
) -> None:
    found = gazetteer.of_name(name, state)
    assert found is not None
    assert float(distance_miles(unit_vectors(*found.point), unit_vectors(*near))) < 25


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Henderson State University", "AR"),
        ("New York Institute of Beauty", "NY"),
        ("Icahn School of Medicine at Mount Sinai", "NY"),
        ("Abilene Christian University-Undergraduate Online", "TX"),
        ("University of Rochester", "CA"),
        ("Monroe Community College", "NY"),
        ("", "NY"),
        ("-", "NY"),
    ],
)
def test_a_name_that_does_not_settle_the_city_is_not_guessed_invariant_12(
    gazetteer: Gazetteer, name: str, state: str
) -> None:
    assert gazetteer.of_name(name, state) is None


def test_names_place_a_seventh_of_all_programs(gazetteer: Gazetteer) -> None:
    coverage = measure(read_programs(), gazetteer, None)["coverage_programs"]
    assert coverage is not None
    assert coverage >= 0.15


@pytest.mark.slow
@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official file is not beside the project")
def test_derived_places_are_right_99_times_in_100_on_schools_they_were_not_chosen_on(
    gazetteer: Gazetteer,
) -> None:
    result = measure(read_programs(), gazetteer, read_institutions(OFFICIAL).rows)
    assert (result["precision"] or 0) >= 0.99
    assert (result["precision_all"] or 0) >= 0.99
    assert (result["exact_with_file"] or 0) >= 0.97
    assert result["rules_as_shipped"] == 1


def test_a_rule_that_is_wrong_is_not_chosen_and_one_that_is_right_is(gazetteer: Gazetteer) -> None:
    schools = [
        school for school in read_programs().schools if school.unitid % 7 == 0 and school.state
    ]
    all_right = choose(gazetteer, schools, lambda *_: True).names
    assert {"after a dash", "city of 1 codes first", "any city last"} <= set(all_right)
    dashes = choose(gazetteer, schools, lambda _, found: found.rule == "after a dash")
    assert dashes.names == ("after a dash",)
    assert choose(gazetteer, schools[:5], lambda *_: True).names == ()


def test_a_chain_of_schools_stays_in_one_half() -> None:
    schools = read_programs().schools
    one, other = halves(schools)
    assert len(one) + len(other) == len(schools)
    assert abs(len(one) - len(other)) < len(schools) / 10
    chains = [{school.name.partition("-")[0] for school in half} for half in (one, other)]
    assert not chains[0] & chains[1]
