"""Programs of a search as columns: what narrowing, counting and scoring read again and again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.student import Student
from matcher.shelf import Shelf
from matcher.surroundings import Surroundings, look_around


@dataclass(frozen=True, slots=True)
class Candidates:
    """Programs of a search, n of them.

    ``rows`` int32 (n,) of the catalog, rising; ``school`` int32 (n,); ``format`` uint8 (n,);
    ``around``: their places as seen from the student.
    """

    rows: NDArray[np.int32]
    school: NDArray[np.int32]
    format: NDArray[np.uint8]
    around: Surroundings

    def only(self, kept: NDArray[np.bool_]) -> "Candidates":
        """Some of them, by a boolean column (n,)."""
        school = self.school[kept]
        return Candidates(
            self.rows[kept], school, self.format[kept], self.around.narrowed(kept, school)
        )


def take_from(shelf: Shelf, catalog: Catalog, student: Student) -> Candidates:
    """Take everything off a shelf."""
    school = shelf.take(catalog.school)
    around = look_around(catalog, student.xyz, school)
    return Candidates(shelf.rows(), school, shelf.take(catalog.format), around)
