"""Counts each option's programs: left if it alone were chosen in its group, other groups kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, CREDENTIALS, Catalog
from matcher.narrow import Narrowing
from matcher.shelf import Shelf
from models.domain.matching import Answers, FacetOption, Filters

Facets = Mapping[str, tuple[FacetOption, ...]]


def count_facets(narrowing: Narrowing, catalog: Catalog, shelf: Shelf, answers: Answers) -> Facets:
    """Count the options of every group; chosen ones are kept even when nothing is left."""
    school = shelf.take(catalog.school)
    regions = catalog.region[school]
    # Schools without a known region count as an option without a name, which is then left out.
    placed = np.where(regions < 0, len(catalog.regions), regions)
    count = _Counter(narrowing, answers.filters)
    levels = count.options("credential_levels", CREDENTIALS, shelf.take(catalog.credential))
    states = count.options("states", (*catalog.regions, ""), placed)
    controls = count.options("controls", CONTROLS, catalog.control[school])
    fields = count.options("fields", catalog.cips, shelf.take(catalog.field))
    return {
        "credential_levels": levels,
        "states": _largest_first(states),
        "controls": controls,
        "fields": _largest_first(fields),
    }


class _Counter:
    def __init__(self, narrowing: Narrowing, filters: Filters) -> None:
        self.narrowing = narrowing
        self.filters = filters

    def options(
        self, group: str, names: Sequence[str], codes: NDArray[np.integer[Any]]
    ) -> tuple[FacetOption, ...]:
        chosen = getattr(self.filters, group)
        kept = self.narrowing.all_but(group)
        counts = np.bincount(codes if kept is None else codes[kept], minlength=len(names))
        shown = [
            name
            for name, count in enumerate(counts.tolist())
            if names[name] and (count or names[name] in chosen)
        ]
        return tuple(FacetOption(str(names[name]), int(counts[name])) for name in shown)


def _largest_first(options: Iterable[FacetOption]) -> tuple[FacetOption, ...]:
    return tuple(sorted(options, key=lambda option: (-option.count, option.value)))
