"""Programs of a search as columns: what narrowing, counting and scoring read again and again."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.student import Student
from matcher.shelf import Shelf
from matcher.surroundings import Surroundings, look_around

_Code = TypeVar("_Code", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Programs of a search, n of them.

    ``rows`` int32 (n,) of the catalog, rising; ``school`` int32 (n,); ``format`` uint8 (n,);
    ``around``: their places as seen from the student; ``shelf`` what they are all of, None when
    they are only some of it.
    """

    rows: NDArray[np.int32]
    school: NDArray[np.int32]
    format: NDArray[np.uint8]
    around: Surroundings
    shelf: Shelf | None = None

    def read(self, column: NDArray[_Code]) -> NDArray[_Code]:
        """Read a program column, shape (P,), for each of them; slices are copied, not gathered."""
        return column.take(self.rows) if self.shelf is None else self.shelf.take(column)

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
    return Candidates(shelf.rows(), school, shelf.take(catalog.format), around, shelf)
