"""Chooses the real schools that demonstration organizations stand in for.

Deterministic: the same catalog gives the same schools. Every state has one, the twenty with most
schools two, and New York four that teach health administration, where the walk-through searches.
Public, non-profit and for-profit schools alternate, and so do large and middling ones. The two
largest private non-profit schools of the country want students from everywhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, CREDENTIALS, UNKNOWN_ROW, VERDICTS, Catalog
from models.domain.levels import CredentialLevel

LARGE_STATES = 20
KNOWN_COMPLETERS = 200  # a school that fewer finish is passed over where there is a larger one
WALK_THROUGH_STATE, WALK_THROUGH_FIELD, WALK_THROUGH_SCHOOLS = "NY", "51.07", 4
NATIONAL_SCHOOLS, _NATIONAL_CONTROL = 2, CONTROLS.index("private_nonprofit")
_SHORT = (CredentialLevel.UNDERGRADUATE_CERTIFICATE, CredentialLevel.ASSOCIATE)


@dataclass(frozen=True, slots=True)
class ChosenSchool:
    """A school that a demonstration organization stands in for.

    ``national`` schools want students of every state, others those of their region.
    """

    unitid: int
    name: str
    state: str
    national: bool = False


def choose_schools(catalog: Catalog) -> tuple[ChosenSchool, ...]:
    """Choose, ordered by state and then by unitid."""
    size = _completers(catalog, np.arange(len(catalog.school)))
    schools: dict[str, list[int]] = defaultdict(list)
    for row, region in enumerate(catalog.region):
        if region != UNKNOWN_ROW and size[row] > 0:
            schools[catalog.regions[region]].append(row)
    large = sorted(schools, key=lambda state: (-len(schools[state]), state))[:LARGE_STATES]
    teaching = _teaching(catalog, WALK_THROUGH_FIELD)
    national = _national(catalog, schools, size)
    chosen: list[ChosenSchool] = []
    for turn, state in enumerate(sorted(schools)):
        if state == WALK_THROUGH_STATE and teaching.any():
            rows = _largest(schools[state], teaching)[:WALK_THROUGH_SCHOOLS]
        else:
            known = [row for row in schools[state] if size[row] >= KNOWN_COMPLETERS]
            count = 2 if state in large else 1
            rows = _mixed(catalog, known or schools[state], size, turn, count)
        rows = sorted({*rows, *national.intersection(schools[state])})
        of_state = [_chosen(catalog, row, state, national=row in national) for row in rows]
        chosen += sorted(of_state, key=lambda school: school.unitid)
    return tuple(chosen)


def _national(
    catalog: Catalog, schools: Mapping[str, list[int]], size: NDArray[np.float64]
) -> set[int]:
    rows = (row for of_state in schools.values() for row in of_state)
    private = (row for row in rows if catalog.control[row] == _NATIONAL_CONTROL)
    return set(_largest(private, size)[:NATIONAL_SCHOOLS])


def _mixed(
    catalog: Catalog, rows: list[int], size: NDArray[np.float64], turn: int, count: int
) -> list[int]:
    """Take schools of different control, the large one first or the middling one, by turns."""
    found: list[int] = []
    for step in range(len(CONTROLS)):
        control = (turn + step) % len(CONTROLS)
        ranked = _largest((row for row in rows if catalog.control[row] == control), size)
        if ranked and len(found) < count:
            found.append(ranked[0] if (turn + step) % 2 == 0 else ranked[len(ranked) // 2])
    return found


def _largest(rows: Iterable[int], size: NDArray[np.float64]) -> list[int]:
    return sorted(rows, key=lambda row: (-size[row], row))


def _completers(catalog: Catalog, programs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Count the completers of some programs by school, shape (S,)."""
    counts = np.nan_to_num(np.asarray(catalog.completers, dtype=np.float64)[programs])
    sums = np.bincount(catalog.school[programs], weights=counts, minlength=len(catalog.unitid))
    return np.asarray(sums, dtype=np.float64)


def _teaching(catalog: Catalog, cip: str) -> NDArray[np.float64]:
    """Count the completers of a field's short programs that carry no earnings warning."""
    programs = np.empty(0, dtype=np.int64)
    if cip in catalog.cips:
        bounds = catalog.slices[catalog.cips.index(cip)]
        codes = [CREDENTIALS.index(credential) for credential in _SHORT]
        programs = np.concatenate([np.arange(bounds[code], bounds[code + 1]) for code in codes])
    below = VERDICTS.index("below")
    return _completers(catalog, programs[catalog.verdict[programs] != below])


def _chosen(catalog: Catalog, row: int, state: str, *, national: bool) -> ChosenSchool:
    return ChosenSchool(int(catalog.unitid[row]), catalog.school_name[row], state, national)
