"""Narrows candidates: each filter, distance and format is a boolean column of its own.

Nothing that is not published removes a program: a format or a place we do not know only puts it
after the known ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, CREDENTIALS, FORMATS, Catalog
from matcher.features.cross import format_fits, squared_chord, squared_chords
from matcher.features.declared import FORMAT_DIFFERS, FORMAT_UNKNOWN
from matcher.features.student import Student
from matcher.shelf import Shelf
from models.domain.levels import Format
from models.domain.matching import Answers

Mask = NDArray[np.bool_]

# How much of what was asked is not published: listings come in this order, then by score.
PLACE_NOT_PUBLISHED, FORMAT_NOT_PUBLISHED = 1, 2

_ONLINE, _BOTH = FORMATS.index("online"), FORMATS.index("both")


@dataclass(slots=True)
class Narrowing:
    """The boolean columns in force, by group, over a shelf's candidates.

    ``tier`` uint8 (size,) or None when everything that was asked for is published.
    """

    size: int
    masks: dict[str, Mask]
    tier: NDArray[np.uint8] | None = None

    def all_but(self, group: str | None) -> Mask | None:
        """What every other group leaves; None: everything."""
        others = [mask for name, mask in self.masks.items() if name != group]
        if not others:
            return None
        kept = others[0].copy()
        for mask in others[1:]:
            kept &= mask
        return kept

    def count_without(self, group: str | None) -> int:
        """Count what every other group leaves."""
        kept = self.all_but(group)
        return self.size if kept is None else int(np.count_nonzero(kept))


def narrow(catalog: Catalog, shelf: Shelf, student: Student, answers: Answers) -> Narrowing:
    """Apply everything the student narrowed the results to."""
    school = shelf.take(catalog.school)
    case = _Case(catalog, shelf, school, student, answers)
    narrowing = Narrowing(len(school), dict(_by_filters(case)))
    if student.wish is not Format.EITHER:
        fit = format_fits(student.wish)[shelf.take(catalog.format)]
        narrowing.masks["format"] = fit != FORMAT_DIFFERS
        narrowing.tier = (fit == FORMAT_UNKNOWN) * np.uint8(FORMAT_NOT_PUBLISHED)
    if answers.max_distance_miles is not None and student.xyz is not None:
        squared = squared_chords(catalog.xyz[school], student.xyz)
        kept, place_unknown = _by_distance(case, squared, answers.max_distance_miles)
        narrowing.masks["max_distance_miles"] = kept
        tier = place_unknown * np.uint8(PLACE_NOT_PUBLISHED)
        narrowing.tier = tier if narrowing.tier is None else narrowing.tier + tier
    return narrowing


@dataclass(frozen=True, slots=True)
class _Case:
    catalog: Catalog
    shelf: Shelf
    school: NDArray[np.int32]
    student: Student
    answers: Answers


def _by_filters(case: _Case) -> Iterator[tuple[str, Mask]]:
    catalog, filters = case.catalog, case.answers.filters
    if filters.credential_levels:
        wanted = _lookup(CREDENTIALS, filters.credential_levels)
        yield "credential_levels", wanted[case.shelf.take(catalog.credential)]
    if filters.states:
        # One more place at the end, always False, for schools whose region is unknown (-1).
        wanted = _lookup((*catalog.regions, ""), filters.states)
        yield "states", wanted[catalog.region[case.school]]
    if filters.controls:
        yield "controls", _lookup(CONTROLS, filters.controls)[catalog.control[case.school]]
    if filters.fields:
        wanted = _lookup(catalog.cips, filters.fields)
        yield "fields", wanted[case.shelf.take(catalog.field)]


def _by_distance(case: _Case, squared: NDArray[np.float32], miles: int) -> tuple[Mask, Mask]:
    """Keep what is near enough, what is online, and what is in the student's state unplaced.

    Returns:
        What to keep, and which of it is in no published place.
    """
    catalog, student = case.catalog, case.student
    offered = case.shelf.take(catalog.format)
    online = offered == _ONLINE
    if student.wish is not Format.CAMPUS:
        online |= offered == _BOTH
    in_state = (catalog.region[case.school] == student.region) & (student.region >= 0)
    unplaced: Mask = np.isnan(squared) & ~online & in_state
    near = squared <= squared_chord(miles)
    return near | online | unplaced, unplaced


def _lookup(names: Iterable[str], wanted: Iterable[str]) -> Mask:
    chosen = set(wanted)
    return np.array([name in chosen for name in names], bool)
