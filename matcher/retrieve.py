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
from matcher.facets import FacetCounter, Facets
from matcher.features.student import Student, read_student
from matcher.geography import Places
from matcher.index import CatalogIndex
from matcher.narrow import narrow
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

    ``candidates`` are in the catalog's order; ``tier`` uint8 (n,) or None when everything asked is
    published; ``left_without`` maps each narrowing in force to how many programs there would be
    without it; ``mixed`` is the catalog's column of fields, int16 (P,), where no field was asked
    and the first page shows several, else None.
    """

    student: Student
    fields: tuple[int, ...]
    candidates: Candidates
    tier: NDArray[np.uint8] | None
    format_known: int
    facets: Facets
    left_without: Mapping[str, int]
    mixed: NDArray[np.int16] | None = None

    @property
    def rows(self) -> NDArray[np.int32]:
        """The rows of the candidates in the catalog, rising: shape (n,)."""
        return self.candidates.rows

    @property
    def school(self) -> NDArray[np.int32]:
        """The rows of their schools, shape (n,)."""
        return self.candidates.school


def retrieve(catalog: Catalog, index: CatalogIndex, places: Places, answers: Answers) -> Found:
    """Find everything a student may be shown for these answers."""
    student = read_student(catalog, places, answers)
    fields = fields_in_question(index, student, answers)
    everything = take_from(open_shelf(catalog, index, student, fields), catalog, student)
    narrowing = narrow(catalog, everything, student, answers)
    kept, tier = narrowing.all_but(None), narrowing.tier
    found = everything if kept is None else everything.only(kept)
    chosen = (index.field_row[cip] for cip in answers.filters.fields if cip in index.field_row)
    counter = FacetCounter(
        catalog,
        sorted({*fields, *chosen}),
        everything=everything,
        found=found,
        narrowing=narrowing,
        is_open=index.open[student.level],
        by_slice=index.by_slice,
    )
    return Found(
        student=student,
        fields=tuple(fields),
        candidates=found,
        tier=tier if kept is None or tier is None else tier[kept],
        format_known=int(np.count_nonzero(found.format != _UNKNOWN_FORMAT)),
        facets=counter.count(answers.filters),
        left_without={group: narrowing.count_without(group) for group in narrowing.masks},
        mixed=None if _named_a_field(answers) else catalog.field,
    )


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
    alone = take_from(Shelf(((row, row + 1),)), catalog, student)
    narrowing = narrow(catalog, alone, student, answers)
    for group, kept in narrowing.masks.items():
        if not kept[0]:
            return EXCLUSIONS[group]
    return None
