"""The chances that prices are made from: of a click, of a request, of an acceptance.

Three forests, fitted as classifiers under the constraint of the order, so that log-odds are read
off two tables as scores are: what the program says, and what the meeting of student and program
says. Whole numbers throughout, and one table turns them into chances: a replay on another machine
gives the same bits. They never order organic listings; what sponsored ones may do rests on them.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import CROSS, PROGRAM
from matcher.features.pack import Codes
from matcher.forest import (
    CROSS_TREES,
    PROGRAM_TREES,
    SCALE,
    Columns,
    FlatForest,
    forest_sum,
    tabulate,
)

# A chance is looked up to the 1024th of a log-odd, as far as +-16: a step changes it by a
# thousandth of itself. Rounded, because exponentials may differ between machines in the last bit.
_STEPS, _FARTHEST = 1024, 16
_SHIFT = (SCALE // _STEPS).bit_length() - 1
_MIDDLE = _STEPS * _FARTHEST
_CHANCES = np.round(1 / (1 + np.exp(-(np.arange(-_MIDDLE, _MIDDLE) + 0.5) / _STEPS)), 12)

Numbers = NDArray[np.float64]
Odds = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ChanceForests:
    """Trees that sum up to fixed-point log-odds.

    ``click`` P(clicked | shown first); ``request`` P(requested | clicked) where the school can be
    asked; ``acceptance`` P(accepted | requested).
    """

    click: FlatForest
    request: FlatForest
    acceptance: FlatForest

    def chances(self, codes: Codes) -> "Chances":
        """Walk the trees for rows of codes, shape (n, features)."""
        return chances_of(np.stack([forest_sum(each, codes) for each in _each(self)], axis=1))

    def tabulate(self, program: Columns, cross: Columns) -> tuple[Odds, Odds]:
        """Sum up both halves for every request and rows of codes.

        Args:
            program: one column of codes, shape (p,), for each program feature.
            cross: the same for each cross feature, shape (x,).

        Returns:
            Log-odds, int32: shapes (requests, p, 3) and (requests, x, 3).
        """
        halves = ((PROGRAM_TREES, PROGRAM, program), (CROSS_TREES, CROSS, cross))
        program_odds, cross_odds = (
            np.stack([tabulate(each, *half) for each in _each(self)], axis=-1) for half in halves
        )
        shape = (-1, len(program[0]), len(CHANCES)), (-1, len(cross[0]), len(CHANCES))
        return program_odds.reshape(shape[0]), cross_odds.reshape(shape[1])


CHANCES: tuple[str, ...] = tuple(field.name for field in fields(ChanceForests))


@dataclass(frozen=True, slots=True)
class Chances:
    """Of n listings, float64 (n,): ``asked`` P(requested | shown first) where the school can be.

    ``accepted`` P(accepted | requested).
    """

    asked: Numbers
    accepted: Numbers


def chances_of(odds: Odds) -> Chances:
    """Turn fixed-point log-odds of ``CHANCES``, shape (n, 3), into chances."""
    each = _CHANCES.take((odds >> _SHIFT) + _MIDDLE, mode="clip")
    return Chances(each[:, 0] * each[:, 1], each[:, 2])


def _each(forests: ChanceForests) -> tuple[FlatForest, ...]:
    return forests.click, forests.request, forests.acceptance
