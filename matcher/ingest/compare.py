"""Tells what changed between two catalogs, program by program."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog

_PROGRAM_COLUMNS = ("completers", "earnings", "threshold", "debt", "verdict", "horizon", "format")
_SCHOOL_COLUMNS = ("region", "place_precision", "net_price", "completion", "enrolment")
_SCHOOL_TEXTS = ("school_name", "school_city", "school_url")


def compare(old: Catalog, new: Catalog) -> dict[str, Any]:
    """Count what was added, removed and changed from ``old`` to ``new``."""
    _, in_old, in_new = np.intersect1d(old.key, new.key, assume_unique=True, return_indices=True)
    _, old_school, new_school = np.intersect1d(
        old.unitid, new.unitid, assume_unique=True, return_indices=True
    )
    return {
        "programs_added": len(new.key) - len(in_new),
        "programs_removed": len(old.key) - len(in_old),
        "programs_changed": {
            name: _changed(
                getattr(old, name)[old.key_row[in_old]], getattr(new, name)[new.key_row[in_new]]
            )
            for name in _PROGRAM_COLUMNS
        },
        "schools_added": len(new.unitid) - len(new_school),
        "schools_removed": len(old.unitid) - len(old_school),
        "schools_changed": {
            **{
                name: _changed(getattr(old, name)[old_school], getattr(new, name)[new_school])
                for name in _SCHOOL_COLUMNS
            },
            "place": _changed(old.xyz[old_school], new.xyz[new_school]),
            **{name: _texts(old, new, name, old_school, new_school) for name in _SCHOOL_TEXTS},
        },
    }


def _changed(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Count rows that differ; a gap equals a gap."""
    same = (one == other) | ((one != one) & (other != other))  # noqa: PLR0124 - NaN is not itself
    return int((~(same if same.ndim == 1 else same.all(axis=1))).sum())


def _texts(
    old: Catalog, new: Catalog, name: str, old_rows: NDArray[Any], new_rows: NDArray[Any]
) -> int:
    one, other = getattr(old, name), getattr(new, name)
    pairs = zip(old_rows.tolist(), new_rows.tolist(), strict=True)
    return sum(one[row] != other[other_row] for row, other_row in pairs)
