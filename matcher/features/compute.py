"""All codes of a program for a student, in the ranker's order: what training and slates keep."""

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.cross import cross_columns
from matcher.features.program import Rows, program_columns
from matcher.features.student import Student


def codes(catalog: Catalog, student: Student, rows: Rows) -> NDArray[np.uint8]:
    """Compute every feature of programs ``rows`` (n,) for a student, shape (n, features)."""
    request = [np.full(len(rows), code, np.uint8) for code in student.codes]
    columns = (*program_columns(catalog, rows), *cross_columns(catalog, student, rows), *request)
    return np.stack(columns, axis=1)
