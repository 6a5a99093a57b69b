"""What is computed once when a catalog is opened: who may enter what, what is popular where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, CREDENTIALS, FORMATS, Catalog
from matcher.surroundings import Sites, sites
from models.domain.levels import WITHOUT_DIPLOMA_CIP2, EducationLevel, may_enter
from models.domain.matching import FacetOption

# "Not sure yet" looks at this many fields.
POPULAR_FIELDS = 12

Ranges = tuple[tuple[int, int], ...]
# The options of each group, in the order in which they are shown.
Facets = Mapping[str, tuple[FacetOption, ...]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Programs open to an education level, counted for each field, int32.

    ``credentials`` (F, C); ``regions`` (F, R) of their schools, where known; ``controls`` (F, 3).
    ``facets`` keeps the facets of whole fields that were asked for, by the fields.
    """

    credentials: NDArray[np.int32]
    regions: NDArray[np.int32]
    controls: NDArray[np.int32]
    facets: dict[tuple[int, ...], Facets] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """Tables over a catalog. F fields, C credentials, R regions, P programs, S schools.

    ``open`` bool (F, C) for each education level; ``shelves`` where the programs open to each level
    lie: first row and row after the last, by field; ``counts`` of them;
    ``popularity`` float32 (R + 1, F, C):
    graduates counted in each region, the last row everywhere; ``popular`` the fields that "not sure
    yet" looks at, by level and region; ``row`` int32 (P,): each program's own, never changed;
    ``tie`` int32 (P,): a permutation that orders equal programs, the same for everybody and
    independent of who pays; ``school_by_tie`` (P,) the school of each place in it; ``sites`` where
    schools are;
    ``formats_published`` whether any program's is; ``school_row`` maps a unitid to its row.
    """

    open: Mapping[EducationLevel, NDArray[np.bool_]]
    shelves: Mapping[EducationLevel, Sequence[Ranges]]
    counts: Mapping[EducationLevel, Counts]
    popularity: NDArray[np.float32]
    popular: Mapping[EducationLevel, Sequence[Sequence[int]]]
    row: NDArray[np.int32]
    tie: NDArray[np.int32]
    school_by_tie: NDArray[np.integer[Any]]
    sites: Sites
    formats_published: bool
    school_row: Mapping[int, int]
    field_row: Mapping[str, int]
    open_without_diploma: tuple[int, ...]

    def popular_fields(self, level: EducationLevel, region: int) -> Sequence[int]:
        """Fields whose programs open to a level have most graduates in a region, most first.

        Args:
            level: the student's.
            region: its row, or -1: everywhere.
        """
        return self.popular[level][region]


def index_catalog(catalog: Catalog) -> CatalogIndex:
    """Compute the tables of a catalog."""
    is_open = {level: _open(catalog, level) for level in EducationLevel}
    popularity, tie = _popularity(catalog), _tie(catalog)
    return CatalogIndex(
        open=is_open,
        shelves=_shelves(catalog, is_open),
        counts=_counts(catalog, is_open),
        popularity=popularity,
        popular=_popular(is_open, popularity),
        row=_rows(len(tie)),
        tie=tie,
        school_by_tie=_by_tie(catalog.school, tie),
        sites=sites(catalog),
        formats_published=bool((catalog.format != FORMATS.index("unknown")).any()),
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


def _shelves(
    catalog: Catalog, is_open: Mapping[EducationLevel, NDArray[np.bool_]]
) -> Mapping[EducationLevel, Sequence[Ranges]]:
    edges = catalog.slices.tolist()
    found: dict[bytes, Sequence[Ranges]] = {}
    for table in is_open.values():
        if table.tobytes() not in found:
            fields = zip(edges, table.tolist(), strict=True)
            found[table.tobytes()] = [_ranges(*field) for field in fields]
    return {level: found[table.tobytes()] for level, table in is_open.items()}


def _ranges(edges: Sequence[int], is_open: Sequence[bool]) -> Ranges:
    """Where what is open lies: credentials beside each other are one range."""
    ranges: list[tuple[int, int]] = []
    for first, last, inside in zip(edges, edges[1:], is_open, strict=False):
        if inside and last > first:
            joined = ranges.pop()[0] if ranges and ranges[-1][1] == first else first
            ranges.append((joined, last))
    return tuple(ranges)


def _counts(
    catalog: Catalog, is_open: Mapping[EducationLevel, NDArray[np.bool_]]
) -> Mapping[EducationLevel, Counts]:
    # A school without a known region (-1) counts in a column of its own, then left out.
    by_region = _by_slice(catalog, catalog.region, len(catalog.regions) + 1)[..., :-1]
    by_control = _by_slice(catalog, catalog.control, len(CONTROLS))
    programs = by_control.sum(axis=2, dtype=np.int32)
    found: dict[bytes, Counts] = {}
    for table in is_open.values():
        if table.tobytes() not in found:
            regions, controls = (
                (each * table[..., np.newaxis]).sum(axis=1, dtype=np.int32)
                for each in (by_region, by_control)
            )
            found[table.tobytes()] = Counts(programs * table, regions, controls)
    return {level: found[table.tobytes()] for level, table in is_open.items()}


def _by_slice(catalog: Catalog, column: NDArray[np.integer[Any]], width: int) -> NDArray[np.int32]:
    """Count the programs of each field and credential by a column of their schools."""
    shape = (len(catalog.cips), len(CREDENTIALS), width)
    cell = catalog.field.astype(np.int64) * shape[1] + catalog.credential
    code = column[catalog.school].astype(np.int64) % width
    table = np.bincount(cell * width + code, minlength=shape[0] * shape[1] * width)
    return table.reshape(shape).astype(np.int32)


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


def _popular(
    is_open: Mapping[EducationLevel, NDArray[np.bool_]], popularity: NDArray[np.float32]
) -> Mapping[EducationLevel, Sequence[Sequence[int]]]:
    found: dict[bytes, list[list[int]]] = {}
    for table in is_open.values():
        if table.tobytes() not in found:
            here = np.where(table, popularity, 0).sum(axis=2)
            everywhere = np.broadcast_to(here[-1], here.shape)
            places = np.broadcast_to(np.arange(here.shape[1]), here.shape)
            order = np.lexsort((places, -everywhere, -here), axis=-1)[:, :POPULAR_FIELDS].tolist()
            taught = (here[-1] > 0).tolist()
            found[table.tobytes()] = [[row for row in rows if taught[row]] for rows in order]
    return {level: found[table.tobytes()] for level, table in is_open.items()}


def _rows(count: int) -> NDArray[np.int32]:
    rows = np.arange(count, dtype=np.int32)
    rows.setflags(write=False)  # searches hold parts of it
    return rows


def _by_tie(school: NDArray[np.int32], tie: NDArray[np.int32]) -> NDArray[np.integer[Any]]:
    found = np.empty(len(school), np.min_scalar_type(int(school.max(initial=0))))
    found[tie] = school
    return found


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
