"""Figures of programs and their schools, as cards, warnings and reasons read them.

All rows of a page at once, each column in one call. A figure that is not published is None, never
0, and every fact names its source and year.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import FIGURE_SOURCES, HORIZONS, Catalog
from models.domain.matching import FactKind, Facts, make_each

_EARNINGS = tuple(f"earnings_{'4yr' if name == 'none' else name}" for name in HORIZONS)
_NOT_IMPORTED: Mapping[str, Any] = {
    "name": "U.S. Department of Education, College Scorecard, institution file",
    "year": "not imported",
}


def fact_kinds(catalog: Catalog) -> tuple[tuple[FactKind, ...], ...]:
    """Say what the figures of a card are, in its order: by horizon of earnings and their source.

    Earnings say in their name how long after completion they were measured. The kinds of horizon h
    and source f are at ``h * len(FIGURE_SOURCES) + f``.
    """
    by_key = {source["key"]: source for source in catalog.manifest["sources"]}
    return tuple(
        tuple(_kinds(by_key, earnings, figures_from))
        for earnings in _EARNINGS
        for figures_from in FIGURE_SOURCES
    )


def _kinds(
    by_key: Mapping[str, Mapping[str, Any]], earnings: str, figures_from: str
) -> Iterator[FactKind]:
    key = figures_from
    if key == "own":
        # A school's own file holds no figures: whoever publishes them lacks these.
        key = "field_of_study" if "field_of_study" in by_key else "programs"
    published = by_key.get(key, _NOT_IMPORTED).get("figures")

    def kind(name: str, unit: str, key: str) -> FactKind:
        source = by_key.get(key, _NOT_IMPORTED)
        return FactKind(name, unit, source["name"], source["year"])

    def of_program(figure: str) -> str:
        return key if published is None or figure in published else "programs"

    yield kind(earnings, "usd_per_year", of_program("earnings"))
    yield kind("debt", "usd", of_program("debt"))
    yield kind("net_price", "usd_per_year", "institutions")
    yield kind("completion", "share", "institutions")
    yield kind("completers", "graduates", of_program("completers"))


class Figures(NamedTuple):
    """What is published of n programs, as lists: NaN where nothing is; two hold codes."""

    verdict: list[int]
    completers: list[float]
    earnings: list[float]
    threshold: list[float]
    horizon: list[int]


def read_figures(catalog: Catalog, rows: NDArray[np.integer[Any]]) -> Figures:
    """Read what cards, warnings and reasons of programs all speak of; rows of shape (n,)."""
    return Figures(
        catalog.verdict.take(rows).tolist(),
        catalog.completers.take(rows).tolist(),
        catalog.earnings.take(rows).tolist(),
        catalog.threshold.take(rows).tolist(),
        catalog.horizon.take(rows).tolist(),
    )


def facts_of(
    catalog: Catalog,
    kinds: Sequence[tuple[FactKind, ...]],
    rows: NDArray[np.integer[Any]],
    figures: Figures,
) -> list[Facts]:
    """Give programs' figures in the order of a card.

    Args:
        catalog: the catalog.
        kinds: its ``fact_kinds``.
        rows: of the programs, shape (n,).
        figures: theirs.
    """
    at = catalog.school.take(rows)
    kind = [
        kinds[horizon * len(FIGURE_SOURCES) + source]
        for horizon, source in zip(
            figures.horizon, catalog.figures_from.take(rows).tolist(), strict=True
        )
    ]
    values = zip(
        _known(figures.earnings),
        _known(catalog.debt.take(rows).tolist()),
        _known(catalog.net_price.take(at).tolist()),
        _known(catalog.completion.take(at).tolist()),
        _known(figures.completers),
        strict=True,
    )
    return make_each(Facts, zip(kind, values, strict=True))


def _known(values: Sequence[float]) -> list[float | None]:
    """Turn a column into figures; None where nothing is published."""
    return [
        # NaN, where nothing is published, is not itself.
        (value if value.is_integer() else _rounded(value)) if value == value else None  # noqa: PLR0124
        for value in values
    ]


@lru_cache(8192)
def _rounded(value: float) -> float:
    """A share as published: there are as many as schools, and rounding is five times a look-up."""
    return round(value, 6)
