"""Computes the features that depend on a program alone."""

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.declared import (
    COMPLETERS_EDGES,
    DEBT_TO_EARNINGS_EDGES,
    EARNINGS_EDGES,
)
from matcher.features.pack import Codes

Rows = NDArray[np.int32]


def program_columns(catalog: Catalog, rows: Rows) -> tuple[Codes, ...]:
    """Compute the codes of ``declared.PROGRAM``, in that order, for programs ``rows`` (n,)."""
    earnings = catalog.earnings[rows]
    # A ratio over nothing is not a ratio: no earnings, no code.
    divisor = np.where(earnings > 0, earnings, np.float32(np.nan)).astype(np.float32)
    return (
        binned(catalog.completers[rows], COMPLETERS_EDGES),
        catalog.verdict[rows],
        binned(earnings, EARNINGS_EDGES),
        binned(catalog.debt[rows] / divisor, DEBT_TO_EARNINGS_EDGES),
        catalog.control[catalog.school[rows]],
        catalog.credential[rows],
    )


def binned(values: NDArray[np.float32], edges: tuple[float, ...]) -> Codes:
    """Code 0 where nothing is published, else 1 plus the bin; edges belong to the bin below."""
    codes = np.searchsorted(np.asarray(edges, np.float32), values, side="left") + 1
    codes[np.isnan(values)] = 0
    return codes.astype(np.uint8)
