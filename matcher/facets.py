"""Counts each option's programs: left if it alone were chosen in its group, other groups kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import Candidates
from matcher.catalog import CONTROLS, CREDENTIALS, Catalog
from matcher.index import Counts, Facets
from matcher.narrow import Narrowing
from models.domain.matching import FacetOption, Filters

_OPTIONS_KEPT = 16_384
# Of whole fields, for each group of education levels: every field alone and many together.
_FACETS_KEPT = 1024


@dataclass(frozen=True, slots=True)
class FacetCounter:
    """Counts the options of one search.

    ``fields`` are the rows of its fields and of chosen ones, ``everything`` the programs that are
    open to the student, ``found`` what every narrowing leaves of them. ``counts`` are the index's,
    of the student's level.
    """

    catalog: Catalog
    fields: Sequence[int]
    everything: Candidates
    found: Candidates
    narrowing: Narrowing
    counts: Counts

    def count(self, filters: Filters) -> Facets:
        """Count the options of every group; chosen ones are kept even when nothing is left."""
        if not self._whole:
            return self._count(filters)
        # Nothing is narrowed, so it is the same for whoever asks for these fields.
        kept, fields = self.counts.facets, tuple(self.fields)
        facets = kept.get(fields)
        if facets is None:
            if len(kept) >= _FACETS_KEPT:
                kept.clear()
            facets = kept[fields] = self._count(filters)
        return facets

    def _count(self, filters: Filters) -> Facets:
        catalog, fields = self.catalog, self.fields
        slices = self._by_slice("credential_levels", fields)
        levels = slices.sum(axis=0)
        if not {"credential_levels", "fields"}.isdisjoint(self.narrowing.masks):
            slices = self._by_slice("fields", fields)
        by_field = slices.sum(axis=1)
        names = [catalog.cips[field] for field in fields]
        states, controls = self._by_school()
        return {
            "credential_levels": _in_order(CREDENTIALS, levels, filters.credential_levels),
            "states": _largest_first(catalog.regions, states, filters.states),
            "controls": _in_order(CONTROLS, controls, filters.controls),
            "fields": _largest_first(names, by_field, filters.fields),
        }

    def _by_slice(self, group: str, fields: Sequence[int]) -> NDArray[np.integer[Any]]:
        """Count by field and credential: rows rise, so a slice's lie between its edges."""
        if self._whole:
            return self.counts.credentials.take(fields, axis=0)
        edges = self.catalog.slices.take(fields, axis=0).astype(np.int32)
        rows = self._left(group, self.found.rows, self.everything.rows)
        places = rows.searchsorted(edges)
        return places[:, 1:] - places[:, :-1]

    def _by_school(self) -> tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]:
        """Count by state and by control."""
        catalog = self.catalog
        if self._whole:
            of = self.counts
            regions, controls = (
                each.take(self.fields, axis=0) for each in (of.regions, of.controls)
            )
            return regions.sum(axis=0), controls.sum(axis=0)
        # Schools without a known region (-1) come first and are no option.
        region = np.add(catalog.region.take(self._schools("states")), 1)
        states = np.bincount(region, minlength=len(catalog.regions) + 1)[1:]
        control = catalog.control.take(self._schools("controls"))
        return states, np.bincount(control, minlength=len(CONTROLS))

    @property
    def _whole(self) -> bool:
        """Whether nothing is narrowed: whole fields were counted before."""
        return not self.narrowing.masks and len(self.fields) > 0

    def _schools(self, group: str) -> NDArray[np.int32]:
        return self._left(group, self.found.school, self.everything.school)

    def _left(
        self, group: str, found: NDArray[np.int32], everything: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        """What the other groups leave: what was found, where this group removes nothing."""
        if group not in self.narrowing.masks:
            return found
        kept = self.narrowing.all_but(group)
        return everything if kept is None else everything[kept]


def _in_order(
    names: Sequence[str], counts: NDArray[np.integer[Any]], chosen: Sequence[str]
) -> tuple[FacetOption, ...]:
    return tuple(
        [
            _option(str(name), count)
            for name, count in zip(names, counts.tolist(), strict=True)
            if count or name in chosen
        ]
    )


def _largest_first(
    names: Sequence[str], counts: NDArray[np.integer[Any]], chosen: Sequence[str]
) -> tuple[FacetOption, ...]:
    pairs = zip(names, counts.tolist(), strict=True)
    order = sorted([(-count, name) for name, count in pairs if count or name in chosen])
    return tuple([_option(name, -count) for count, name in order])


@lru_cache(maxsize=_OPTIONS_KEPT)
def _option(value: str, count: int) -> FacetOption:
    """Make an option; most counts are small, so most options have been made before."""
    return FacetOption(value, count)
