"""What is computed once when a catalog is opened: who may enter what, what is popular where."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, Catalog
from models.domain.levels import WITHOUT_DIPLOMA_CIP2, EducationLevel, may_enter

# "Not sure yet" looks at this many fields.
POPULAR_FIELDS = 12


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """Tables over a catalog. F fields, C credentials, R regions, P programs, S schools.

    ``open`` bool (F, C) for each education level; ``popularity`` float32 (R + 1, F, C): graduates
    counted in each region, the last row everywhere; ``tie`` int32 (P,): a permutation that orders
    equal programs, the same for everybody and independent of who pays; ``school_row`` maps a
    unitid to its row.
    """

    open: Mapping[EducationLevel, NDArray[np.bool_]]
    popularity: NDArray[np.float32]
    tie: NDArray[np.int32]
    school_row: Mapping[int, int]
    field_row: Mapping[str, int]
    open_without_diploma: tuple[int, ...]

    def popular_fields(self, level: EducationLevel, region: int) -> list[int]:
        """Fields whose programs open to a level have most graduates in a region, most first."""
        here = np.where(self.open[level], self.popularity[region], 0).sum(axis=1)
        everywhere = np.where(self.open[level], self.popularity[-1], 0).sum(axis=1)
        order = np.lexsort((np.arange(len(here)), -everywhere, -here))
        return [int(field) for field in order[:POPULAR_FIELDS] if everywhere[field] > 0]


def index_catalog(catalog: Catalog) -> CatalogIndex:
    """Compute the tables of a catalog."""
    return CatalogIndex(
        open={level: _open(catalog, level) for level in EducationLevel},
        popularity=_popularity(catalog),
        tie=_tie(catalog),
        school_row={int(unitid): row for row, unitid in enumerate(catalog.unitid)},
        field_row={cip: row for row, cip in enumerate(catalog.cips)},
        open_without_diploma=tuple(
            row for row, cip in enumerate(catalog.cips) if cip[:2] in WITHOUT_DIPLOMA_CIP2
        ),
    )


def _open(catalog: Catalog, level: EducationLevel) -> NDArray[np.bool_]:
    return np.array(
        [[may_enter(level, credential, cip) for credential in CREDENTIALS] for cip in catalog.cips],
        bool,
    ).reshape(len(catalog.cips), len(CREDENTIALS))


def _popularity(catalog: Catalog) -> NDArray[np.float32]:
    shape = (len(catalog.regions) + 1, len(catalog.cips), len(CREDENTIALS))
    # A school without a known region counts in the last row, which then takes everybody.
    region = np.asarray(catalog.region)[catalog.school].astype(np.int64)
    region[region < 0] = shape[0] - 1
    cell = (region * shape[1] + catalog.field) * shape[2] + catalog.credential
    graduates = np.nan_to_num(catalog.completers).astype(np.float64)
    size = int(np.prod(shape))
    table = np.bincount(cell, graduates, minlength=size).reshape(shape)
    table[-1] = table.sum(axis=0)
    return table.astype(np.float32)


def _tie(catalog: Catalog) -> NDArray[np.int32]:
    """Order programs by a fixed mixing of their keys, so that no state or name comes first."""
    keys = np.empty(len(catalog.key), np.uint64)
    keys[catalog.key_row] = catalog.key.astype(np.uint64)
    mixed = (keys ^ (keys >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    order = np.lexsort((keys, mixed ^ (mixed >> np.uint64(32))))
    tie = np.empty(len(keys), np.int32)
    tie[order] = np.arange(len(keys), dtype=np.int32)
    return tie
