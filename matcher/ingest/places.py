"""Gives each school its place, the best known first, and says how well it is known.

In this order: the coordinates of the official file; the middle of the ZIP or the city that file
names; what the school's own name says (``matcher.ingest.cities``); the state alone; nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import PRECISIONS
from matcher.geography import unit_vectors
from matcher.ingest.cities import Gazetteer, Point
from matcher.ingest.institutions import Institution
from matcher.ingest.truewise import SourceSchool
from matcher.regions import REGION_ROWS

_EXACT, _CITY, _STATE, _UNKNOWN = (PRECISIONS.index(name) for name in PRECISIONS)
_NOWHERE: Point = (np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class SchoolPlaces:
    """Columns beside the schools: ``region``, ``precision``, ``xyz`` (S, 3), ``city``."""

    region: NDArray[np.int16]
    precision: NDArray[np.uint8]
    xyz: NDArray[np.float32]
    city: list[str]


def place_schools(
    schools: Sequence[SourceSchool],
    institutions: Mapping[int, Institution],
    gazetteer: Gazetteer,
) -> SchoolPlaces:
    """Place every school."""
    placed = [_place(school, institutions.get(school.unitid), gazetteer) for school in schools]
    points = np.array([point for _, _, point, _ in placed], np.float64).reshape(-1, 2)
    return SchoolPlaces(
        region=np.array([REGION_ROWS.get(state or "", -1) for state, *_ in placed], np.int16),
        precision=np.array([precision for _, precision, _, _ in placed], np.uint8),
        xyz=unit_vectors(points[:, 0], points[:, 1]).astype(np.float32),
        city=[city for *_, city in placed],
    )


def _place(
    school: SourceSchool, official: Institution | None, gazetteer: Gazetteer
) -> tuple[str | None, int, Point, str]:
    state = (official.state if official else None) or school.state
    city = (official.city if official else None) or ""
    if official and official.latitude is not None and official.longitude is not None:
        return state, _EXACT, (official.latitude, official.longitude), city
    if state is None:
        return None, _UNKNOWN, _NOWHERE, city
    if official and (point := _official_middle(official, state, gazetteer)):
        return state, _CITY, point, city
    # A school whose city the file names is in no other, whatever its own name says.
    derived = None if city else gazetteer.of_name(school.name, state)
    if derived is None:
        return state, _STATE, _NOWHERE, city
    return state, _CITY, derived.point, derived.name


def _official_middle(official: Institution, state: str, gazetteer: Gazetteer) -> Point | None:
    if official.zip and (point := gazetteer.of_code(official.zip)):
        return point
    city = gazetteer.find(state, official.city) if official.city else None
    return city.point if city else None
