"""What another order would have earned, estimated from what was served by chance.

Three estimators of the mean reward of a target that chooses otherwise than the log did:

    IPS   rewards weighed by w = P(target) / P(logged), w clipped at ``CLIP``
    SNIPS the same, divided by the mean of w
    DR    a model's guess for the target, plus w x what the model got wrong where it was tried

All need the exact chance of what was served. Where the log hardly ever tried what the target wants,
none can know: they refuse, and say so. Sources: Dudik, Langford, Li 2011 (doubly robust);
Swaminathan, Joachims 2015 (self-normalised); Li and others 2018 (one weight a place and listing).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from matcher.learn.resample import by_search

CLIP = 20.0
# Fewer effective decisions than this give intervals that mean nothing.
LEAST_EFFECTIVE = 100.0
# Weights have mean 1 where everything wanted was tried at times.
LEAST_COVERED = 0.8

_WIDTH = NormalDist().inv_cdf(0.975)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward for each cluster with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """Estimates by name, or why there are none; ``effective`` decisions, ``covered`` share."""

    effective: float
    covered: float
    refused: str | None
    estimates: dict[str, Estimate]

    def document(self) -> dict[str, object]:
        """Write it as plain values."""
        told: dict[str, object] = {
            "effective_sample_size": round(self.effective, 1),
            "covered": round(self.covered, 4),
        }
        if self.refused:
            return {**told, "refused": self.refused}
        return {
            **told,
            **{
                name: {"value": round(e.value, 6), "interval": [round(e.low, 6), round(e.high, 6)]}
                for name, e in self.estimates.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Decisions:
    """Logged decisions, n of them, in clusters that are drawn whole (a search, a visitor).

    ``rewards``; ``logged`` the chance of what was done, above 0; ``target`` the chance that the
    target does it; ``guessed`` a model's reward of what was done; ``guessed_target`` its mean
    reward of what the target would do. All float64 (n,); ``cluster`` int32 (n,).
    """

    cluster: NDArray[np.int32]
    rewards: Numbers
    logged: Numbers
    target: Numbers
    guessed: Numbers
    guessed_target: Numbers


def estimate(decisions: Decisions) -> OffPolicy:
    """Estimate the target's mean reward of a cluster three ways.

    Intervals are normal, from the spread between clusters; for SNIPS linearised.
    """
    d = decisions
    raw = d.target / d.logged
    weight = np.minimum(raw, CLIP)
    squared = float((weight**2).sum())
    effective = float(weight.sum() ** 2 / squared) if squared else 0.0
    covered = float(raw.mean())
    refused = _refusal(effective, covered)
    if refused is not None:
        return OffPolicy(effective, covered, refused, {})
    ips, weights, doubly, count = by_search(
        d.cluster,
        np.array(
            [
                weight * d.rewards,
                weight,
                d.guessed_target + weight * (d.rewards - d.guessed),
                np.ones(len(weight)),
            ]
        ),
    )
    ratio = float(ips.sum() / weights.sum())
    size = float(count.mean())
    # The ratio is of decisions; a cluster has ``size`` of them.
    linear = ratio * size + (ips - ratio * weights) / float(weights.mean()) * size
    values = {"ips": ips, "snips": linear, "doubly_robust": doubly}
    estimates = {name: _mean(each) for name, each in values.items()}
    return OffPolicy(effective, covered, None, estimates)


def _refusal(effective: float, covered: float) -> str | None:
    if covered < LEAST_COVERED:
        return (
            f"the log tried {covered:.0%} of what this order wants; at least {LEAST_COVERED:.0%} "
            "must have been tried at times: explore more"
        )
    if effective < LEAST_EFFECTIVE:
        return f"{effective:.0f} effective decisions; at least {LEAST_EFFECTIVE:.0f} are needed"
    return None


def _mean(values: Numbers) -> Estimate:
    middle = float(values.mean())
    width = _WIDTH * float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(middle, middle - width, middle + width)
