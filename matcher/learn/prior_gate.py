"""The gate of a prior: it was fitted to published rules, and must keep them."""

import numpy as np
from numpy.typing import NDArray

from models.domain.gate import Condition

MOST_MEAN_ERROR = 0.03
# Rows whose rules differ by more than this are clearly apart.
CLEARLY = 0.25
LEAST_KEPT = 0.999

Numbers = NDArray[np.float64]


def prior_gate(predicted: Numbers, wanted: Numbers) -> tuple[Condition, ...]:
    """Hold a prior against its rules.

    Args:
        predicted: its scores of rows it was not fitted to, shape (n,).
        wanted: what the rules give them, shape (n,).
    """
    error = float(np.abs(predicted - wanted).mean())
    half = len(wanted) // 2
    apart, ranked = (side[:half] - side[half : 2 * half] for side in (wanted, predicted))
    clear = np.abs(apart) > CLEARLY
    kept = float((np.sign(apart[clear]) == np.sign(ranked[clear])).mean()) if clear.any() else 0.0
    return (
        Condition(
            "rules_followed",
            error <= MOST_MEAN_ERROR,
            f"{error:.4f} from the rules on average",
            f"at most {MOST_MEAN_ERROR}",
        ),
        Condition(
            "rules_kept",
            kept >= LEAST_KEPT,
            f"{kept:.2%} of {int(clear.sum()):,} clear pairs stand as the rules say",
            f"at least {LEAST_KEPT:.1%}",
        ),
    )
