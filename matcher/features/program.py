"""Computes the features that depend on a program alone."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, Catalog, open_catalog
from matcher.features.declared import (
    COMPLETERS_EDGES,
    CREDENTIAL_SHARE_EDGES,
    DEBT_TO_EARNINGS_EDGES,
    EARNINGS_EDGES,
)
from matcher.features.pack import Codes
from models.domain.levels import ELIGIBLE, EducationLevel

Rows = NDArray[np.int32]

# Credentials of one group compete for the same students; what awards nothing is in none.
_GROUPS = (ELIGIBLE[EducationLevel.HIGH_SCHOOL], ELIGIBLE[EducationLevel.BACHELOR])

# The one that serves and, while it is being replaced, the next.
_KEPT = 2


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
        _share_codes(catalog.path)[catalog.field[rows], catalog.credential[rows]],
    )


def credential_shares(catalog: Catalog) -> NDArray[np.float32]:
    """Count which credential a field's graduates took, within undergraduate and within graduate.

    Returns:
        Shares, shape (fields, credentials); NaN where nobody is counted.
    """
    shape = (len(catalog.cips), len(CREDENTIALS))
    cell = catalog.field.astype(np.int64) * shape[1] + catalog.credential
    graduates = np.nan_to_num(catalog.completers).astype(np.float64)
    counted = np.bincount(cell, graduates, minlength=shape[0] * shape[1]).reshape(shape)
    shares = np.full(shape, np.nan)
    for group in _GROUPS:
        columns = [CREDENTIALS.index(credential) for credential in group]
        total = counted[:, columns].sum(axis=1, keepdims=True)
        total[total == 0] = np.nan
        shares[:, columns] = counted[:, columns] / total
    return shares.astype(np.float32)


@lru_cache(maxsize=_KEPT)
def _share_codes(catalog_path: Path) -> Codes:
    """The codes of shares, shape (fields, credentials): a folder's content never changes."""
    return binned(credential_shares(open_catalog(catalog_path)), CREDENTIAL_SHARE_EDGES)


def binned(values: NDArray[np.float32], edges: tuple[float, ...]) -> Codes:
    """Code 0 where nothing is published, else 1 plus the bin; edges belong to the bin below."""
    codes = np.searchsorted(np.asarray(edges, np.float32), values, side="left") + 1
    codes[np.isnan(values)] = 0
    return codes.astype(np.uint8)
