"""Tells what changed between two catalogs, program by program."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import FORMATS, Catalog, TextColumn, pack_key

_PROGRAM_COLUMNS = ("completers", "earnings", "threshold", "debt", "verdict", "horizon", "format")
_SCHOOL_COLUMNS = ("region", "place_precision", "net_price", "completion", "enrolment")
_SCHOOL_TEXTS = ("school_name", "school_city", "school_url")
# The bits of a key that hold the format: an id changes with it, the program does not.
_FORMAT_BITS = pack_key(0, 0, 0, len(FORMATS) - 1, 0)


def compare(old: Catalog, new: Catalog) -> dict[str, Any]:
    """Count what was added, removed and changed from ``old`` to ``new``.

    A program whose format became known or was published otherwise counts as changed, not as one
    removed and one added; a second format of a program that was there counts as added.
    """
    in_old, in_new = _pairs(old, new)
    old_rows, new_rows = old.key_row[in_old], new.key_row[in_new]
    _, old_school, new_school = np.intersect1d(
        old.unitid, new.unitid, assume_unique=True, return_indices=True
    )
    return {
        "programs_added": len(new.key) - len(in_new),
        "programs_removed": len(old.key) - len(in_old),
        "programs_changed": {
            **{
                name: _changed(getattr(old, name)[old_rows], getattr(new, name)[new_rows])
                for name in _PROGRAM_COLUMNS
            },
            "title": _texts(old.title, new.title, old_rows, new_rows),
            "own_words": sum(
                _own_words(old, before) != _own_words(new, after)
                for before, after in zip(old_rows.tolist(), new_rows.tolist(), strict=True)
            ),
        },
        "schools_added": len(new.unitid) - len(new_school),
        "schools_removed": len(old.unitid) - len(old_school),
        "schools_changed": {
            **{
                name: _changed(getattr(old, name)[old_school], getattr(new, name)[new_school])
                for name in _SCHOOL_COLUMNS
            },
            "place": _changed(old.xyz[old_school], new.xyz[new_school]),
            **{
                name: _texts(getattr(old, name), getattr(new, name), old_school, new_school)
                for name in _SCHOOL_TEXTS
            },
        },
    }


def _pairs(old: Catalog, new: Catalog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places in both catalogs' keys of the same programs: by id, else whatever the format."""
    _, in_old, in_new = np.intersect1d(old.key, new.key, assume_unique=True, return_indices=True)
    left_old = np.setdiff1d(np.arange(len(old.key)), in_old, assume_unique=True)
    left_new = np.setdiff1d(np.arange(len(new.key)), in_new, assume_unique=True)
    _, renamed_old, renamed_new = np.intersect1d(
        old.key[left_old] & ~_FORMAT_BITS, new.key[left_new] & ~_FORMAT_BITS, return_indices=True
    )
    return (
        np.concatenate([in_old, left_old[renamed_old]]),
        np.concatenate([in_new, left_new[renamed_new]]),
    )


def _own_words(catalog: Catalog, row: int) -> str:
    place = catalog.said_place.get(row)
    return "" if place is None else catalog.said[place]


def _changed(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Count rows that differ; a gap equals a gap."""
    same = (one == other) | ((one != one) & (other != other))  # noqa: PLR0124 - NaN is not itself
    return int((~(same if same.ndim == 1 else same.all(axis=1))).sum())


def _texts(old: TextColumn, new: TextColumn, old_rows: NDArray[Any], new_rows: NDArray[Any]) -> int:
    pairs = zip(old_rows.tolist(), new_rows.tolist(), strict=True)
    return sum(old[row] != new[other_row] for row, other_row in pairs)
