"""Counts each option's programs: left if it alone were chosen in its group, other groups kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import Candidates
from matcher.catalog import CONTROLS, CREDENTIALS, Catalog
from matcher.narrow import Narrowing
from models.domain.matching import FacetOption, Filters

Facets = Mapping[str, tuple[FacetOption, ...]]


@dataclass(frozen=True, slots=True)
class FacetCounter:
    """Counts the options of one search.

    ``fields`` are the rows of its fields and of chosen ones, ``everything`` the programs that are
    open to the student, ``found`` what every narrowing leaves of them.
    """

    catalog: Catalog
    fields: Sequence[int]
    everything: Candidates
    found: Candidates
    narrowing: Narrowing

    def count(self, filters: Filters) -> Facets:
        """Count the options of every group; chosen ones are kept even when nothing is left."""
        catalog, fields = self.catalog, self.fields
        slices = self._by_slice("credential_levels", fields)
        levels = slices.sum(axis=0)
        if not {"credential_levels", "fields"}.isdisjoint(self.narrowing.masks):
            slices = self._by_slice("fields", fields)
        by_field = slices.sum(axis=1)
        names = [catalog.cips[field] for field in fields]
        # Schools without a known region (-1) come first and are no option.
        regions = np.add(catalog.region.take(self._schools("states")), 1)
        states = np.bincount(regions, minlength=len(catalog.regions) + 1)[1:]
        controls = np.bincount(
            catalog.control.take(self._schools("controls")), minlength=len(CONTROLS)
        )
        return {
            "credential_levels": _in_order(CREDENTIALS, levels, filters.credential_levels),
            "states": _largest_first(catalog.regions, states, filters.states),
            "controls": _in_order(CONTROLS, controls, filters.controls),
            "fields": _largest_first(names, by_field, filters.fields),
        }

    def _by_slice(self, group: str, fields: Sequence[int]) -> NDArray[np.int64]:
        """Count by field and credential: rows rise, so a slice's lie between its edges."""
        edges = self.catalog.slices.take(fields, axis=0).astype(np.int32)
        rows = self._left(group, self.found.rows, self.everything.rows)
        places = rows.searchsorted(edges)
        return places[:, 1:] - places[:, :-1]

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
    names: Sequence[str], counts: NDArray[np.int64], chosen: Sequence[str]
) -> tuple[FacetOption, ...]:
    return tuple(
        FacetOption(str(name), count)
        for name, count in zip(names, counts.tolist(), strict=True)
        if count or name in chosen
    )


def _largest_first(
    names: Sequence[str], counts: NDArray[np.int64], chosen: Sequence[str]
) -> tuple[FacetOption, ...]:
    pairs = zip(names, counts.tolist(), strict=True)
    order = sorted((-count, name) for name, count in pairs if count or name in chosen)
    return tuple(FacetOption(name, -count) for count, name in order)
