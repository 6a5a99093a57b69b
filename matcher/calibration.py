"""From a score to the probability that a shown listing is asked for information: a monotone map.

Points between which the probability is interpolated, as a ranker's card publishes them. The order
of listings never depends on it; what sponsored listings may do, does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """Knots: ``scores`` (fixed-point, rising) and ``probabilities`` (never falling)."""

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    def probability(self, scores: NDArray[np.int32]) -> NDArray[np.float64]:
        """P(request | shown) of each score; flat beyond the ends."""
        return np.interp(scores, self.scores, self.probabilities)


def read_calibration(card: Mapping[str, Any]) -> Calibration:
    """Read the map off a ranker's card.

    Raises:
        ValueError: when it is not monotone or not of probabilities.
    """
    knots: Sequence[Sequence[float]] = card["calibration"]["knots"]
    scores, probabilities = np.array(knots, np.float64).T
    rising = bool((np.diff(scores) > 0).all() and (np.diff(probabilities) >= 0).all())
    if not rising or probabilities[0] < 0 or probabilities[-1] > 1:
        raise ValueError("a calibration rises from 0 towards 1")
    return Calibration(scores, probabilities)
