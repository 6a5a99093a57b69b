"""Finds the programs a student may be shown, and says why any other is not.

Hard rules first (the eligibility table, the fields in question), then what the student narrowed
the results to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import Candidates, take_from
from matcher.catalog import FORMATS, Catalog
from matcher.facets import FacetCounter
from matcher.features.student import Student, read_student
from matcher.geography import Places
from matcher.index import CatalogIndex, Facets
from matcher.narrow import Narrowing, narrow
from matcher.shelf import Shelf, fields_in_question, open_shelf
from models.domain.levels import EducationLevel
from models.domain.matching import Answers

_UNKNOWN_FORMAT = FORMATS.index("unknown")

# Why a program is not shown, by the narrowing that removed it.
EXCLUSIONS: Mapping[str, str] = {
    "credential_levels": "other_credential_level",
    "states": "other_state",
    "controls": "other_control",
    "fields": "other_field_chosen",
    "max_distance_miles": "too_far",
    "format": "format_differs",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. n programs.

    ``candidates`` are in the catalog's order; ``tier`` uint8 (n,) or None when all are alike in
    what is published; ``mixed`` is the catalog's column of fields, int16 (P,), where no field was
    asked and the first page shows several, else None.
    """

    student: Student
    fields: tuple[int, ...]
    candidates: Candidates
    tier: NDArray[np.uint8] | None
    format_known: int
    facets: Facets
    narrowing: Narrowing
    mixed: NDArray[np.int16] | None = None

    @property
    def rows(self) -> NDArray[np.int32]:
        """The rows of the candidates in the catalog, rising: shape (n,)."""
        return self.candidates.rows

    @property
    def school(self) -> NDArray[np.int32]:
        """The rows of their schools, shape (n,)."""
        return self.candidates.school

    @property
    def left_without(self) -> Mapping[str, int]:
        """How many programs there would be without each narrowing in force."""
        return {group: self.narrowing.count_without(group) for group in self.narrowing.in_force}


def retrieve(catalog: Catalog, index: CatalogIndex, places: Places, answers: Answers) -> Found:
    """Find everything a student may be shown for these answers."""
    student = read_student(catalog, places, answers)
    fields = fields_in_question(index, student, answers)
    shelf = open_shelf(index, student, fields)
    everything = take_from(shelf, catalog, index, student)
    narrowing = narrow(catalog, everything, student, answers)
    kept, tier = narrowing.all_but(None), narrowing.tier
    found = everything if kept is None else everything.only(kept)
    chosen = [index.field_row[cip] for cip in answers.filters.fields if cip in index.field_row]
    counter = FacetCounter(
        catalog,
        sorted({*fields, *chosen}),
        everything=everything,
        found=found,
        narrowing=narrowing,
        counts=index.counts[student.level],
    )
    return Found(
        student=student,
        fields=tuple(fields),
        candidates=found,
        tier=tier if kept is None or tier is None else tier[kept],
        format_known=0 if found.format is None else _count_published(found.format),
        facets=counter.count(answers.filters),
        narrowing=narrowing,
        mixed=None if _named_a_field(answers) else catalog.field,
    )


def _count_published(formats: NDArray[np.uint8]) -> int:
    return int(np.count_nonzero(formats != _UNKNOWN_FORMAT))


def _named_a_field(answers: Answers) -> bool:
    """Whether fields were asked for, chosen, or given: without a diploma only a few are open."""
    without = answers.education_level is EducationLevel.NO_DIPLOMA
    return bool(without or answers.fields or answers.filters.fields)


def exclusion(
    catalog: Catalog, index: CatalogIndex, places: Places, answers: Answers, row: int
) -> str | None:
    """Say why a program is not shown for these answers, or None when it is.

    The same rules as ``retrieve``, on a shelf of one program.
    """
    student = read_student(catalog, places, answers)
    field = int(catalog.field[row])
    if not index.open[student.level][field, catalog.credential[row]]:
        without = student.level is EducationLevel.NO_DIPLOMA
        return "needs_diploma" if without else "not_open_to_level"
    if field not in fields_in_question(index, student, answers):
        return "other_field"
    alone = take_from(Shelf(((row, row + 1),)), catalog, index, student)
    narrowing = narrow(catalog, alone, student, answers)
    for group, kept in narrowing.masks.items():
        if not kept[0]:
            return EXCLUSIONS[group]
    return None
