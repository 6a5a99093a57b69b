"""Chooses rules for places by names on some schools, to be measured on others.

Chosen and measured on the same schools, rules look better than they are. So the choice is made by
a procedure, not by hand, and can be made again on any part of the schools.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcher.ingest.cities import (
    Derived,
    Found,
    Gazetteer,
    Rule,
    after_dash,
    after_preposition,
    city_first,
    in_small_county,
    named,
    normal,
    university_of,
)
from matcher.ingest.truewise import SourceSchool

# Whether a derived place of a school, by its unitid, is right.
Judge = Callable[[int, Derived], bool]
# A rule is taken when so much of what it finds is right, and it finds something worth counting.
PRECISION = 0.99
LEAST_FOUND = 10


def _city_last(gazetteer: Gazetteer, name: str, state: str) -> Found:
    said = normal(name).split()
    for length in (3, 2, 1):
        if length < len(said) and (city := gazetteer.find(state, " ".join(said[-length:]))):
            return named(city)
    return None


def _city_amid(gazetteer: Gazetteer, name: str, state: str) -> Found:
    said = normal(name).split()
    for length in (3, 2, 1):
        for start in range(1, len(said) - length):
            if city := gazetteer.find(state, " ".join(said[start : start + length])):
                return named(city)
    return None


# Families in the order in which they are asked; of each, the first variant that holds is taken.
CANDIDATES: tuple[tuple[tuple[str, Rule], ...], ...] = (
    (("after a dash", after_dash),),
    (
        ("after at, in or a comma, any city", after_preposition(1)),
        ("after at, in or a comma", after_preposition(2)),
    ),
    (("University of …", university_of),),
    (("small county", in_small_county),),
    tuple((f"city of {codes} codes first", city_first(codes)) for codes in (1, 2, 5, 10, 20)),
    (("any city last", _city_last),),
    (("any city amid", _city_amid),),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The rules that were taken, by name."""

    rules: tuple[tuple[str, Rule], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name, _ in self.rules)

    def find(self, gazetteer: Gazetteer, school: SourceSchool) -> Derived | None:
        """Find a school's place by them, as ``Gazetteer.of_name`` does."""
        if school.state is None or "online" in normal(school.name).split():
            return None
        for name, rule in self.rules:
            if found := rule(gazetteer, school.name, school.state):
                return Derived(*found, name)
        return None


def halves(schools: Sequence[SourceSchool]) -> tuple[list[SourceSchool], list[SourceSchool]]:
    """Split schools in two; a chain's schools, which are named alike, stay together."""
    parts: tuple[list[SourceSchool], list[SourceSchool]] = ([], [])
    for school in schools:
        chain = normal(school.name.partition("-")[0])
        parts[hashlib.sha256(chain.encode()).digest()[0] & 1].append(school)
    return parts


def choose(gazetteer: Gazetteer, schools: Sequence[SourceSchool], right: Judge) -> Choice:
    """Choose rules by what they are worth on these schools."""
    chosen = Choice(())
    for family in CANDIDATES:
        for variant in family:
            longer = Choice((*chosen.rules, variant))
            found = {school.unitid: longer.find(gazetteer, school) for school in schools}
            new = {u: d for u, d in found.items() if d is not None and d.rule == variant[0]}
            good = sum(right(unitid, derived) for unitid, derived in new.items())
            if len(new) >= LEAST_FOUND and good >= PRECISION * len(new):
                chosen = longer
                break
    return chosen
