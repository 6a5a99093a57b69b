"""All codes of programs for a student, computed anew: what slates kept must equal them."""

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.cross import cross_codes
from matcher.features.declared import CROSS
from matcher.features.pack import unpack
from matcher.features.program import program_columns
from matcher.features.student import Student
from matcher.surroundings import look_around, sites


def codes(catalog: Catalog, student: Student, rows: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Every feature of programs ``rows`` (n,) in the ranker's order, shape (n, features)."""
    order = np.argsort(rows)
    rising = rows[order]
    around = look_around(sites(catalog), student.xyz, catalog.school[rising])
    crossed = cross_codes(catalog, student, rising, catalog.format[rising], around)
    cross = unpack(CROSS, crossed.all())
    request = [np.full(len(rows), code, np.uint8) for code in student.codes]
    table = np.stack([*program_columns(catalog, rising), *cross, *request], axis=1)
    return table[np.argsort(order)]
