"""The catalog school by school, for pages that are browsed: computed once for each catalog.

Programs lie in the catalog by field; here are the few tables that find them by school and schools
by region, so that a page reads only the rows that it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, UNKNOWN_ROW, Catalog, open_catalog

# The one that serves and, while it is being replaced, the next.
_KEPT = 2
_FORMAT_UNKNOWN = 0


@dataclass(frozen=True, slots=True)
class BrowseIndex:
    """Programs by school and schools by region. P programs, S schools.

    ``rows`` int32 (P,): programs school by school, each school's in the catalog's order (by field,
    then credential); school s has ``rows[start[s]:start[s + 1]]``. ``alphabetical`` int32 (S,):
    the place of each school when all are sorted by name. ``schools`` maps a region's row (-1:
    not published) to its schools by name. ``format_known`` counts programs whose format is known.
    """

    rows: NDArray[np.int32]
    start: NDArray[np.int64]
    alphabetical: NDArray[np.int32]
    schools: Mapping[int, NDArray[np.int32]]
    format_known: int

    def programs(self, school: int) -> NDArray[np.int32]:
        """The rows of a school's programs."""
        return self.rows[self.start[school] : self.start[school + 1]]

    def program_count(self, school: int) -> int:
        """How many programs a school has."""
        return int(self.start[school + 1] - self.start[school])

    def by_name(self, schools: NDArray[np.int32]) -> NDArray[np.int32]:
        """Sort schools by name."""
        return schools[np.argsort(self.alphabetical[schools], kind="stable")]


@lru_cache(maxsize=_KEPT)
def browse_index(catalog_path: Path) -> BrowseIndex:
    """Compute a catalog's tables, or remember them: a folder's content never changes."""
    catalog = open_catalog(catalog_path)
    count = len(catalog.unitid)
    names = [catalog.school_name[row].casefold() for row in range(count)]
    order = np.array(sorted(range(count), key=lambda row: (names[row], row)), np.int32)
    alphabetical = np.empty(count, np.int32)
    alphabetical[order] = np.arange(count, dtype=np.int32)
    region = np.asarray(catalog.region)[order]
    return BrowseIndex(
        rows=np.argsort(catalog.school, kind="stable").astype(np.int32),
        start=np.concatenate([[0], np.cumsum(np.bincount(catalog.school, minlength=count))]),
        alphabetical=alphabetical,
        schools={code: order[region == code] for code in range(UNKNOWN_ROW, len(catalog.regions))},
        format_known=int(np.count_nonzero(catalog.format != _FORMAT_UNKNOWN)),
    )


def field_rows(catalog: Catalog, field: int) -> slice:
    """Where a field's programs lie."""
    return slice(int(catalog.slices[field, 0]), int(catalog.slices[field, len(CREDENTIALS)]))


def field_schools(catalog: Catalog, field: int) -> NDArray[np.int32]:
    """The schools that report programs in a field."""
    return np.unique(catalog.school[field_rows(catalog, field)])


def format_known(catalog: Catalog, field: int) -> tuple[int, int]:
    """Of how many of a field's programs the format is known, and how many there are."""
    formats = catalog.format[field_rows(catalog, field)]
    return int(np.count_nonzero(formats != _FORMAT_UNKNOWN)), len(formats)
