"""Who simulated students are: where they live, what they finished, what they look for.

Drawn from the catalog: more where more people graduate, and for the fields that more of them take.
A student is a function of a seed and a number, so any of them can be drawn again alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.geography import Places
from matcher.index import CatalogIndex
from models.domain.levels import EducationLevel, Format
from models.domain.place import PostalCode

# Shares, in the order of EducationLevel and of Format. Judgements, not a survey.
LEVELS = (0.04, 0.18, 0.26, 0.20, 0.10, 0.15, 0.05, 0.02)
WISHES = {Format.EITHER: 0.6, Format.ONLINE: 0.25, Format.CAMPUS: 0.15}
CANADIANS = 0.02
ONLY_A_STATE = 0.05
NOT_SURE = 0.15
# Of those who are sure: how many type an everyday name instead of choosing a field.
TYPING = 0.4

# Who is in high school searches most in this month and least half a year later, so much around
# the mean.
BUSIEST_MONTH, SEASON = 10, 0.5

_Shares = NDArray[np.float64]


def seasonal_levels(month: int) -> list[float]:
    """How many of each level come in a month, 1 to 12, over all who come in a usual one."""
    swing = 1 + SEASON * float(np.cos(2 * np.pi * (month - BUSIEST_MONTH) / 12))
    in_school = tuple(EducationLevel).index(EducationLevel.STILL_IN_HIGH_SCHOOL)
    return [share * (swing if row == in_school else 1.0) for row, share in enumerate(LEVELS)]


@dataclass(frozen=True, slots=True)
class SimulatedStudent:
    """What one simulated student answers; ``field`` and ``query`` are never both there."""

    education_level: EducationLevel
    postal_code: PostalCode | None
    region: str | None
    field: str | None
    query: str | None
    format: Format


class Population:
    """Everybody who may come, as shares of a catalog's places and fields."""

    def __init__(
        self,
        regions: Sequence[str],
        cips: Sequence[str],
        index: CatalogIndex,
        places: Places,
        specialties: Mapping[str, Sequence[str]],
    ) -> None:
        """Count who lives where.

        Args:
            regions: the catalog's regions, by row.
            cips: the catalog's fields, by row.
            index: the catalog's tables of who studies what where.
            places: the catalog's postal codes.
            specialties: everyday names inside each field that free text is understood about;
                a field without an entry is looked for by nobody.
        """
        self._regions, self._cips = tuple(regions), tuple(cips)
        self._index, self._places, self._specialties = index, places, specialties
        self._known = np.array([cip in specialties for cip in cips])
        self._codes = _codes_by_region(places)
        graduates = dict(zip(regions, index.popularity[:-1].sum(axis=(1, 2)).tolist(), strict=True))
        self._homes = tuple(self._codes)
        self._home_shares = _shares(self._people(graduates))
        self._levels = _shares(LEVELS)
        self._wishes = _shares(list(WISHES.values()))
        self._fields: dict[tuple[EducationLevel, str], _Shares] = {}

    def draw(self, chance: np.random.Generator, month: int | None = None) -> SimulatedStudent:
        """Draw one student; in a month of the year, 1 to 12, when more of some kinds come."""
        levels = self._levels if month is None else _shares(seasonal_levels(month))
        level = tuple(EducationLevel)[_pick(chance, levels)]
        region = self._homes[_pick(chance, self._home_shares)]
        only_state = chance.random() < ONLY_A_STATE
        field = self._field(chance, level, region)
        query = self._words(chance, field)
        return SimulatedStudent(
            education_level=level,
            postal_code=None if only_state else self._postal_code(chance, region),
            region=region if only_state else None,
            field=None if query else field,
            query=query,
            format=tuple(WISHES)[_pick(chance, self._wishes)],
        )

    def _people(self, graduates: Mapping[str, float]) -> list[float]:
        """How many live in each region that has postal codes, as its graduates tell.

        No Canadian school is in the data: a few students come from there, by postal codes.
        """
        canadian = [self._is_canadian(region) for region in self._homes]
        here = [graduates.get(region, 0.0) for region in self._homes]
        american = sum(n for n, abroad in zip(here, canadian, strict=True) if not abroad) or 1.0
        codes = [len(self._codes[region]) for region in self._homes]
        beyond = sum(n for n, abroad in zip(codes, canadian, strict=True) if abroad)
        return [
            CANADIANS * code / beyond if abroad else (1 - CANADIANS) * people / american
            for code, people, abroad in zip(codes, here, canadian, strict=True)
        ]

    def _postal_code(self, chance: np.random.Generator, region: str) -> PostalCode:
        rows = self._codes[region]
        text = self._places.code[rows[chance.integers(len(rows))]].decode()
        return PostalCode(text, "CA" if self._is_canadian(region) else "US")

    def _field(self, chance: np.random.Generator, level: EducationLevel, region: str) -> str | None:
        sure = chance.random() >= NOT_SURE
        shares = self._field_shares(level, region)
        return self._cips[_pick(chance, shares)] if sure and len(shares) else None

    def _field_shares(self, level: EducationLevel, region: str) -> _Shares:
        """Shares of the fields open to a level, as people graduate in a region or everywhere."""
        key = (level, region)
        if key not in self._fields:
            popularity = self._index.popularity
            row = self._regions.index(region) if region in self._regions else -1
            open_to = self._index.open[level] & self._known[:, None]
            here = np.where(open_to, popularity[row], 0).sum(axis=1)
            if here.sum() == 0:
                here = np.where(open_to, popularity[-1], 0).sum(axis=1)
            self._fields[key] = _shares(here) if here.sum() > 0 else np.empty(0)
        return self._fields[key]

    def _words(self, chance: np.random.Generator, field: str | None) -> str | None:
        names = self._specialties.get(field, ()) if field else ()
        if not names or chance.random() >= TYPING:
            return None
        return names[int(chance.integers(len(names)))]

    def _is_canadian(self, region: str) -> bool:
        return bool(self._places.code[self._codes[region][0]][:1].isalpha())


def _codes_by_region(places: Places) -> dict[str, NDArray[np.int64]]:
    """The rows of each region's postal codes; regions without any are left out."""
    order = np.argsort(places.region, kind="stable")
    ends = np.searchsorted(places.region[order], np.arange(len(places.regions) + 1))
    return {
        region: order[ends[row] : ends[row + 1]]
        for row, region in enumerate(places.regions)
        if ends[row + 1] > ends[row]
    }


def _shares(weights: Sequence[float] | NDArray[np.floating]) -> _Shares:
    """Add shares up, so that one number between 0 and 1 picks a row."""
    added = np.cumsum(np.asarray(weights, np.float64))
    return np.asarray(added / added[-1])


def _pick(chance: np.random.Generator, shares: _Shares) -> int:
    return min(int(np.searchsorted(shares, chance.random(), side="right")), len(shares) - 1)
