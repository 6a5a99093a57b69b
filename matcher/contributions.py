"""Takes scores apart: what each feature of a listing adds, against its neutral code.

Whole numbers from the same tables that scores come from, so they replay exactly. A ranker's trees
may weigh features together; then these numbers need not add up to the score, and still say what
would be lost if that one thing were nothing special.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.declared import CROSS
from matcher.features.pack import all_codes, combinations
from matcher.features.program import program_columns
from matcher.registry import Scores

# What one step of each cross feature's code adds to a packed code, and its neutral code.
_STEPS = np.array([combinations(CROSS[place:]) for place in range(1, len(CROSS) + 1)], np.int32)
_NEUTRAL = np.array([feature.neutral for feature in CROSS], np.int32)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Tables that take any score apart by look-up, made when an engine opens.

    Q requests, P programs, U combinations of program codes, X packed cross codes. ``combination``
    unsigned (P,) the combination of each program; ``program_codes`` uint8 (U, program features) and
    ``cross_codes`` uint8 (X, cross features) what they are made of; ``program_added`` int32
    (Q, U, program features) what each adds; ``cross`` int32 (Q, X) the scores' own table;
    ``neutral`` int32 (X, cross features) the packed code that has one feature at its neutral one.
    """

    combination: NDArray[np.unsignedinteger[Any]]
    program_codes: NDArray[np.uint8]
    program_added: NDArray[np.int32]
    cross_codes: NDArray[np.uint8]
    cross: NDArray[np.int32]
    neutral: NDArray[np.int32]

    def codes(
        self, rows: NDArray[np.int32], cross: NDArray[np.int32], request: tuple[int, ...]
    ) -> list[tuple[int, ...]]:
        """The codes of n programs, in the ranker's order.

        Args:
            rows: of the catalog, shape (n,).
            cross: packed cross codes, shape (n,).
            request: the codes of the request's own features.
        """
        own = self.program_codes.take(self.combination.take(rows), axis=0).tolist()
        fits = self.cross_codes.take(cross, axis=0).tolist()
        return [(*a, *b, *request) for a, b in zip(own, fits, strict=True)]

    def added(
        self, request: int, rows: NDArray[np.int32], cross: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        """What each program and cross feature adds to n scores, shape (n, those features).

        Args:
            request: row of the request in the tables.
            rows: of the catalog, shape (n,).
            cross: packed cross codes, shape (n,).
        """
        own = self.program_added[request].take(self.combination.take(rows), axis=0)
        return np.concatenate([own, self._cross_added(request, cross)], axis=1)

    def _cross_added(self, request: int, cross: NDArray[np.int32]) -> NDArray[np.int32]:
        """What each cross feature adds: for a page's few, not for all 7,920 in every process."""
        table = self.cross[request]
        neutral = table.take(self.neutral.take(cross, axis=0))
        added: NDArray[np.int32] = table.take(cross)[:, np.newaxis] - neutral
        return added


def break_down(catalog: Catalog, scores: Scores) -> Breakdown:
    """Make the tables of a catalog and its scores."""
    # Any program that has a combination of codes tells what they are.
    holder = np.zeros(scores.contribution.shape[1], np.int32)
    holder[scores.combination] = np.arange(len(scores.combination), dtype=np.int32)
    cross_codes = np.stack(all_codes(CROSS), axis=1)
    packed = np.arange(len(cross_codes), dtype=np.int32)[:, np.newaxis]
    return Breakdown(
        combination=scores.combination,
        program_codes=np.stack(program_columns(catalog, holder), axis=1),
        program_added=scores.contribution,
        cross_codes=cross_codes,
        cross=scores.cross,
        neutral=packed - (cross_codes - _NEUTRAL) * _STEPS,
    )
