"""Searches never seen before: every level, state, kind of field, format and narrowing."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from matcher.catalog import CONTROLS
from matcher.match import Engine
from models.domain.levels import ELIGIBLE, EducationLevel, Format
from models.domain.matching import Answers, Filters, Sort

SEED = 20261122
_LEVELS = tuple(EducationLevel)
_WISHES = (Format.ONLINE, Format.CAMPUS)
_OPEN = {level: tuple(sorted(ELIGIBLE[level])) for level in EducationLevel}
_MILES = (25, 50, 100, 250, 500)
_SORTS = (Sort.DISTANCE, Sort.NET_PRICE, Sort.EARNINGS)
_ZIP_DIGITS = 5

_Value = TypeVar("_Value")


def new_searches(engine: Engine, count: int, seed: int = SEED) -> list[Answers]:
    """Draw searches, no two the same; levels and states take turns, the rest is chance.

    Of ten: six ask for a field as often as it has graduates, one for any field there is, one for
    the largest, one for two or three fields, one for none. Three of ten want online or campus,
    four limit the distance, two filter; one of ten names a state and no postal code, one sorts.
    """
    drawn = _Draw(engine, np.random.default_rng(seed))
    seen: dict[Answers, None] = {}
    turn = 0
    while len(seen) < count:
        seen.setdefault(drawn.search(turn))
        turn += 1
    return list(seen)


class _Draw:
    def __init__(self, engine: Engine, chance: np.random.Generator) -> None:
        catalog, places = engine.catalog, engine.places
        self.cips, self.chance = catalog.cips, chance
        graduates = np.nan_to_num(catalog.completers).astype(np.float64)
        size = np.bincount(catalog.field, graduates, minlength=len(catalog.cips))
        self.demand = np.cumsum(size / size.sum())
        self.largest = catalog.cips[int((catalog.slices[:, -1] - catalog.slices[:, 0]).argmax())]
        region, code = np.asarray(places.region), np.asarray(places.code)
        by_region = {name: code[region == row] for row, name in enumerate(places.regions)}
        self.codes = {name: codes for name, codes in by_region.items() if len(codes)}
        self.regions = tuple(self.codes)

    def search(self, turn: int) -> Answers:
        region = self.regions[turn // len(_LEVELS) % len(self.regions)]
        level = _LEVELS[turn % len(_LEVELS)]
        only_region = self.happens(0.1)
        fields = self.fields()
        return Answers(
            education_level=level,
            postal_code=None if only_region else self.postal_code(region),
            region=region if only_region else None,
            fields=fields,
            specialty_credential=self.one(_OPEN[level]) if self.happens(0.25) else None,
            format=self.one(_WISHES) if self.happens(0.3) else Format.EITHER,
            max_distance_miles=self.one(_MILES) if self.happens(0.4) else None,
            filters=self.filters(level, region) if self.happens(0.2) else Filters(),
            sort=self.one(_SORTS) if self.happens(0.1) else Sort.RELEVANCE,
            hide_sponsored=self.happens(0.05),
        )

    def happens(self, share: float) -> bool:
        return bool(self.chance.random() < share)

    def one(self, values: Sequence[_Value]) -> _Value:
        return values[int(self.chance.integers(len(values)))]

    def postal_code(self, region: str) -> str:
        codes = self.codes[region]
        text = str(codes[int(self.chance.integers(len(codes)))].decode())
        return text if len(text) == _ZIP_DIGITS else f"{text}1A1"

    def fields(self) -> tuple[str, ...]:
        kind = int(self.chance.integers(10))
        if kind == 0:
            return ()
        if kind == 1:
            return (self.largest,)
        if kind == 2:
            return (self.one(self.cips),)
        count = 2 + int(self.chance.integers(2)) if kind == 3 else 1
        chosen = (self.cips[int(row)] for row in self.by_demand(count))
        return tuple(dict.fromkeys(chosen))

    def by_demand(self, count: int) -> Sequence[int]:
        rows = np.searchsorted(self.demand, self.chance.random(count), side="right")
        return [min(row, len(self.cips) - 1) for row in rows.tolist()]

    def filters(self, level: EducationLevel, region: str) -> Filters:
        kind = int(self.chance.integers(4))
        return Filters(
            credential_levels=(self.one(_OPEN[level]),) if kind in {0, 3} else (),
            states=(region, self.one(self.regions)) if kind == 1 else (),
            controls=(self.one(CONTROLS),) if kind in {2, 3} else (),
        )
