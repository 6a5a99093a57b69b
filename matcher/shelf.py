"""Candidates as slices of the catalog: the programs of some fields that are open to a student."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.features.student import Student
from matcher.index import CatalogIndex
from models.domain.levels import EducationLevel
from models.domain.matching import Answers

_Code = TypeVar("_Code", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Slices of the catalog: the programs of the fields asked for that are open to the student."""

    ranges: tuple[tuple[int, int], ...]

    def take(self, column: NDArray[_Code]) -> NDArray[_Code]:
        """Read a program column for all candidates; one slice is a view."""
        if len(self.ranges) == 1:
            first, last = self.ranges[0]
            return column[first:last]
        if not self.ranges:
            return column[:0]
        return np.concatenate([column[first:last] for first, last in self.ranges])


def open_shelf(index: CatalogIndex, student: Student, fields: Iterable[int]) -> Shelf:
    """Collect the programs of some fields that are open to a student."""
    shelves = index.shelves[student.level]
    return Shelf(tuple([one for field in sorted(fields) for one in shelves[field]]))


def fields_in_question(index: CatalogIndex, student: Student, answers: Answers) -> list[int]:
    """The fields whose programs are candidates.

    Without a diploma only a few fields are open at all: whatever was asked, they are shown.
    Without a field: popular ones near the student, and those a filter names.
    """
    if student.level is EducationLevel.NO_DIPLOMA:
        return list(index.open_without_diploma)
    asked = [index.field_row[cip] for cip in answers.fields if cip in index.field_row]
    if answers.fields:
        return list(dict.fromkeys(asked))
    popular = index.popular_fields(student.level, student.region)
    named = (index.field_row[cip] for cip in answers.filters.fields if cip in index.field_row)
    return list(dict.fromkeys([*popular, *named]))
