"""The steering index: how much payment takes from the first ten places, and its bound."""

import math
from collections.abc import Sequence
from operator import mul

STEERING_BOUND = 0.02
STEERING_DEPTH = 10

# Rounded, because logarithms may differ between machines in the last bit and replays must not.
DISCOUNTS: tuple[float, ...] = tuple(
    round(1 / math.log2(place + 1), 12) for place in range(1, STEERING_DEPTH + 1)
)


def dcg(gains: Sequence[float]) -> float:
    """Discounted cumulative gain of the first ten places."""
    total: float = sum(map(mul, gains, DISCOUNTS))
    return total


def steering_index(organic: Sequence[float], shown: Sequence[float]) -> float:
    """1 - DCG@10(shown) / DCG@10(organic), where a gain is P(request).

    0 when nothing is shown or payment moved nothing. Below 0 when what payment brought up is
    likelier to be asked than what it moved down, which spreading schools over pages allows.
    """
    best = dcg(organic)
    return 1 - dcg(shown) / best if best > 0 else 0.0


def least_gain(organic: Sequence[float], above: Sequence[float], below: Sequence[float]) -> float:
    """The least gain that the place between ``above`` and ``below`` needs to keep the bound.

    Args:
        organic: gains of the organic order.
        above: gains of the places already filled, fewer than ten.
        below: gains of what follows if that place is taken.
    """
    rest = dcg([*above, 0.0, *below])
    return ((1 - STEERING_BOUND) * dcg(organic) - rest) / DISCOUNTS[len(above)]
