"""How often a place derived from a school's name is right, measured against the official file.

Right: within 25 miles of the official coordinates. A school whose official row has no coordinates
is measured against the middle of its official city; one that has neither counts as wrong.

``precision`` is of rules on schools that they were not chosen on: the same procedure that chose
the rules we ship chooses again on each half of the schools, and is measured on the other.
``precision_all`` is of the rules we ship on all schools, which they were chosen on.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks._place_rules import choose, halves
from matcher.catalog import PRECISIONS
from matcher.geography import distance_miles, unit_vectors
from matcher.ingest.cities import RULES, Derived, Gazetteer, Point
from matcher.ingest.institutions import Institution, read_institutions
from matcher.ingest.places import place_schools
from matcher.ingest.postal import read_postal_rows, us_zip_codes
from matcher.ingest.truewise import SourcePrograms, read_programs

OFFICIAL = Path(__file__).parents[1].parent / "shared" / "data" / "scorecard_institutions.csv"
RIGHT_MILES = 25.0


def main() -> None:
    """Print the table of rules and, last, the result; precision needs the official file."""
    us_codes = us_zip_codes()
    source, gazetteer = read_programs(), Gazetteer(us_codes, read_postal_rows(us_codes))
    official = read_institutions(OFFICIAL).rows if OFFICIAL.exists() else None
    if official is None:
        print(f"{OFFICIAL.name} is not in ../shared/data: coverage only, nothing to compare with.")
    print("RESULT", json.dumps(measure(source, gazetteer, official)))


def measure(
    source: SourcePrograms, gazetteer: Gazetteer, official: Mapping[int, Institution] | None
) -> dict[str, float | None]:
    """Derive the place of every school, print what each rule is worth, and sum it up."""
    programs = Counter(source.unitid.tolist())
    derived = {
        school.unitid: found
        for school in source.schools
        if school.state and (found := gazetteer.of_name(school.name, school.state))
    }
    result: dict[str, float | None] = {
        "precision": None,
        "precision_all": None,
        "coverage_schools": round(len(derived) / len(source.schools), 4),
        "coverage_programs": round(sum(programs[u] for u in derived) / len(source.unitid), 4),
        "exact_with_file": None,
    }
    if official is None:
        return result
    right = {
        unitid: is_right(found, official.get(unitid), gazetteer)
        for unitid, found in derived.items()
    }
    print_rules(derived, right, programs)
    for school in source.schools:
        if not right.get(school.unitid, True):
            print(f"wrong or not to be checked: {school.name}")
    good = sum(programs[unitid] for unitid in right if right[unitid])
    return {
        **result,
        **held_out(source, gazetteer, official),
        "precision_all": round(sum(right.values()) / len(right), 4),
        "precision_by_program": round(good / sum(programs[unitid] for unitid in right), 4),
        **with_file(source, gazetteer, official),
    }


def held_out(
    source: SourcePrograms, gazetteer: Gazetteer, official: Mapping[int, Institution]
) -> dict[str, float | None]:
    """Choose rules on each half of the schools and measure them on the other."""

    def right(unitid: int, found: Derived) -> bool:
        return is_right(found, official.get(unitid), gazetteer)

    parts = halves(source.schools)
    good, found, apart = 0, 0, []
    for here, there in (parts, parts[::-1]):
        choice = choose(gazetteer, here, right)
        derived = {s.unitid: one for s in there if (one := choice.find(gazetteer, s))}
        hits = sum(right(unitid, one) for unitid, one in derived.items())
        print(f"chosen on {len(here)} schools: {', '.join(choice.names)}")
        print(f"measured on {len(there)} others: {hits} of {len(derived)} right")
        good, found = good + hits, found + len(derived)
        apart.append(hits / len(derived))
    shipped = choose(gazetteer, source.schools, right).names
    print(f"chosen on all: {', '.join(shipped)}")
    return {
        "precision": round(good / found, 4),
        "precision_worse_half": round(min(apart), 4),
        "rules_as_shipped": float(shipped == tuple(name for name, _ in RULES)),
    }


def is_right(found: Derived, row: Institution | None, gazetteer: Gazetteer) -> bool:
    """Tell whether a derived place is within 25 miles of the official one."""
    truth = _truth(row, gazetteer) if row else None
    if truth is None:
        return False
    return float(distance_miles(unit_vectors(*found.point), unit_vectors(*truth))) <= RIGHT_MILES


def print_rules(
    derived: Mapping[int, Derived], right: Mapping[int, bool], programs: Mapping[int, int]
) -> None:
    """Print what each rule is worth."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for unitid, found in derived.items():
        by_rule[found.rule].append(unitid)
    print(f"{'rule':<26}{'schools':>8}{'programs':>10}{'wrong':>7}{'precision':>11}")
    for rule, unitids in sorted(by_rule.items(), key=lambda item: -len(item[1])):
        wrong = sum(not right[unitid] for unitid in unitids)
        total = sum(programs[unitid] for unitid in unitids)
        share = 1 - wrong / len(unitids)
        print(f"{rule:<26}{len(unitids):>8}{total:>10}{wrong:>7}{share:>11.4f}")


def with_file(
    source: SourcePrograms, gazetteer: Gazetteer, official: Mapping[int, Institution]
) -> dict[str, float]:
    """What share of programs has which precision once the official file is imported."""
    precision = place_schools(source.schools, official, gazetteer).precision
    unitids = np.array([school.unitid for school in source.schools])
    by_program = precision[np.searchsorted(unitids, source.unitid)]
    in_file = np.isin(source.unitid, np.array(list(official)))
    exact = by_program == PRECISIONS.index("exact")
    return {
        "exact_with_file": round(float(exact.mean()), 4),
        "exact_of_programs_in_file": round(float(exact[in_file].mean()), 4),
        "city_with_file": round(float((by_program == PRECISIONS.index("city")).mean()), 4),
    }


def _truth(row: Institution, gazetteer: Gazetteer) -> Point | None:
    if row.latitude is not None and row.longitude is not None:
        return row.latitude, row.longitude
    city = gazetteer.find(row.state, row.city) if row.state and row.city else None
    return city.point if city else None


if __name__ == "__main__":
    main()
