"""Narrows candidates: each filter, distance and format is a boolean column of its own.

Nothing that is not published removes a program: a format or a place we do not know, or not well
enough for the distance that was asked, only puts it after the known ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import Candidates
from matcher.catalog import CONTROLS, CREDENTIALS, FORMATS, Catalog
from matcher.features.cross import format_fits
from matcher.features.declared import FORMAT_DIFFERS, FORMAT_UNKNOWN
from matcher.features.student import Student
from matcher.surroundings import UNSURE_MILES, not_exact, squared_chord
from models.domain.levels import Format
from models.domain.matching import Answers, Filters

Mask = NDArray[np.bool_]

# How much of what was asked is not published: listings come in this order, then by score.
PLACE_NOT_PUBLISHED, FORMAT_NOT_PUBLISHED = 1, 2

_NO_FILTERS = Filters()
_ONLINE, _BOTH = FORMATS.index("online"), FORMATS.index("both")


@dataclass(slots=True)
class Narrowing:
    """The boolean columns that remove something, by group, over a shelf's candidates.

    ``in_force`` names all groups that narrow, those that remove nothing too; ``tier`` uint8 (size,)
    or None when all candidates are alike in what is published.
    """

    size: int
    masks: dict[str, Mask]
    in_force: list[str]
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


def narrow(
    catalog: Catalog, candidates: Candidates, student: Student, answers: Answers
) -> Narrowing:
    """Apply everything the student narrowed the results to."""
    case = _Case(catalog, candidates, student, answers)
    masks = dict(_by_filters(case)) if answers.filters != _NO_FILTERS else {}
    narrowing = Narrowing(len(candidates.rows), masks, [*masks])
    if student.wish is not Format.EITHER:
        narrowing.in_force.append("format")
        if candidates.format is not None:
            fit = format_fits(student.wish).take(candidates.format)
            narrowing.masks["format"] = fit != FORMAT_DIFFERS
            narrowing.tier = (fit == FORMAT_UNKNOWN) * np.uint8(FORMAT_NOT_PUBLISHED)
    squared = candidates.around.squared
    if answers.max_distance_miles is not None and squared is not None:
        kept, place_unknown = _by_distance(case, squared, answers.max_distance_miles)
        narrowing.masks["max_distance_miles"] = kept
        narrowing.in_force.append("max_distance_miles")
        tier = place_unknown * np.uint8(PLACE_NOT_PUBLISHED)
        narrowing.tier = tier if narrowing.tier is None else narrowing.tier + tier
    return narrowing


@dataclass(frozen=True, slots=True)
class _Case:
    catalog: Catalog
    candidates: Candidates
    student: Student
    answers: Answers


def _by_filters(case: _Case) -> Iterator[tuple[str, Mask]]:
    catalog, candidates, filters = case.catalog, case.candidates, case.answers.filters
    if filters.credential_levels:
        wanted = _lookup(CREDENTIALS, filters.credential_levels)
        yield "credential_levels", wanted.take(catalog.credential.take(candidates.rows))
    if filters.states:
        # One more place at the end, always False, for schools whose region is unknown (-1).
        wanted = _lookup((*catalog.regions, ""), filters.states)
        around = candidates.around
        yield "states", around.spread(wanted.take(around.region))
    if filters.controls:
        wanted = _lookup(CONTROLS, filters.controls)
        yield "controls", wanted.take(catalog.control.take(candidates.school))
    if filters.fields:
        wanted = _lookup(catalog.cips, filters.fields)
        yield "fields", wanted.take(catalog.field.take(candidates.rows))


def _by_distance(case: _Case, squared: NDArray[np.float32], miles: int) -> tuple[Mask, Mask]:
    """Keep what is near enough, what is online, and what may be near for all we know.

    That is what is in the student's state without a published place, and what is placed near by
    but not so well that less than ``UNSURE_MILES`` can be told.

    Returns:
        What to keep, and which of it may only be near.
    """
    candidates, student, around = case.candidates, case.student, case.candidates.around
    near = squared <= squared_chord(miles)
    unplaced = np.isnan(squared)
    unplaced &= (around.region == student.region) & (student.region >= 0)
    near, unplaced = around.spread(near), around.spread(unplaced)
    if miles < UNSURE_MILES:
        about_near = around.spread(squared <= squared_chord(UNSURE_MILES))
        unplaced |= about_near & not_exact(case.catalog.place_precision.take(candidates.school))
    if candidates.format is not None:
        online = candidates.format == _ONLINE
        if student.wish is not Format.CAMPUS:
            online |= candidates.format == _BOTH
        near |= online
        unplaced &= ~online
    return near | unplaced, unplaced


def _lookup(names: Iterable[str], wanted: Iterable[str]) -> Mask:
    chosen = set(wanted)
    return np.array([name in chosen for name in names], bool)
