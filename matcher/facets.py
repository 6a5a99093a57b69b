"""Counts each option's programs: left if it alone were chosen in its group, other groups kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, CREDENTIALS, Catalog
from matcher.narrow import Narrowing
from matcher.shelf import Shelf
from models.domain.matching import Answers, FacetOption

Facets = Mapping[str, tuple[FacetOption, ...]]


def count_facets(narrowing: Narrowing, catalog: Catalog, shelf: Shelf, answers: Answers) -> Facets:
    """Count the options of every group; chosen ones are kept even when nothing is left."""
    school, filters = shelf.take(catalog.school), answers.filters
    regions = catalog.region[school]
    # Schools without a known region count as an option without a name, which is then left out.
    placed = np.where(regions < 0, len(catalog.regions), regions)
    count = _Counter(narrowing)
    levels = count.options("credential_levels", CREDENTIALS, shelf.take(catalog.credential))
    states = count.options("states", (*catalog.regions, ""), placed)
    controls = count.options("controls", CONTROLS, catalog.control[school])
    fields = count.options("fields", catalog.cips, shelf.take(catalog.field))
    return {
        "credential_levels": _shown(levels, filters.credential_levels),
        "states": _largest_first(_shown(states, filters.states)),
        "controls": _shown(controls, filters.controls),
        "fields": _largest_first(_shown(fields, filters.fields)),
    }


class _Counter:
    def __init__(self, narrowing: Narrowing) -> None:
        self.narrowing = narrowing

    def options(
        self, group: str, names: Sequence[str], codes: NDArray[np.integer[Any]]
    ) -> list[FacetOption]:
        kept = self.narrowing.all_but(group)
        counts = np.bincount(codes if kept is None else codes[kept], minlength=len(names))
        pairs = zip(names, counts.tolist(), strict=True)
        return [FacetOption(str(name), count) for name, count in pairs if name]


def _shown(options: Iterable[FacetOption], chosen: Sequence[str]) -> tuple[FacetOption, ...]:
    return tuple(option for option in options if option.count or option.value in chosen)


def _largest_first(options: Iterable[FacetOption]) -> tuple[FacetOption, ...]:
    return tuple(sorted(options, key=lambda option: (-option.count, option.value)))
