"""Programs of a search as columns: what narrowing, counting and scoring read again and again."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.student import Student
from matcher.index import CatalogIndex
from matcher.shelf import Shelf
from matcher.surroundings import IN_RANGE, Surroundings, look_around

_Code = TypeVar("_Code", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Programs of a search, n of them.

    ``rows`` int32 (n,) of the catalog, rising; ``school`` int32 (n,); ``format`` uint8 (n,), None
    where no program of the catalog has a published one; ``around``: their places as seen from the
    student; ``shelf`` what they are all of, None when they are only some of it.
    """

    rows: NDArray[np.int32]
    school: NDArray[np.int32]
    format: NDArray[np.uint8] | None
    around: Surroundings
    shelf: Shelf | None = None

    def read(self, column: NDArray[_Code]) -> NDArray[_Code]:
        """Read a program column, shape (P,), for each of them; slices are copied, not gathered."""
        if self.shelf is not None:
            return self.shelf.take(column)
        return column.take(self.rows, mode=IN_RANGE)

    def only(self, kept: NDArray[np.bool_]) -> "Candidates":
        """Some of them, by a boolean column (n,)."""
        at = kept.nonzero()[0]
        school = self.school.take(at)
        published = None if self.format is None else self.format.take(at)
        return Candidates(self.rows.take(at), school, published, self.around.narrowed(at, school))


def take_from(shelf: Shelf, catalog: Catalog, index: CatalogIndex, student: Student) -> Candidates:
    """Take everything off a shelf."""
    school = shelf.take(catalog.school)
    published = shelf.take(catalog.format) if index.formats_published else None
    around = look_around(index.sites, student.xyz, school)
    return Candidates(shelf.take(index.row), school, published, around, shelf)
