"""What another order would have earned, estimated from what was served by chance.

Three estimators of the mean reward of a target that chooses otherwise than the log did:

    IPS   rewards weighed by w = P(target) / P(logged), w clipped at ``CLIP``
    SNIPS the same, divided by the mean of w
    DR    a model's guess for the target, plus w x what the model got wrong where it was tried

All need the exact chance of what was served. Where the log hardly ever tried what the target wants,
none can know: they refuse, and say so. What a clip cuts off counts as not tried, so that it cannot
move an estimate unseen; so it stands where no exploration worth having comes: a twentieth of slates
explored makes weights near 100. Sources: Dudik, Langford, Li 2011 (doubly robust); Swaminathan,
Joachims 2015 (self-normalised); Li and others 2018 (one weight a place and listing).

One weight a place and listing supposes that a listing earns the same whoever stands above it. Of
students who stop reading that is not quite so: with neighbours turned around it moves the estimate
by less than 1 %, with whole pages in another order by a third (docs/learning.md, simulated).
"""

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from matcher.learn.resample import by_search

CLIP = 1_000.0
# Sums of fewer effective clusters than this are not normal, and 95 % intervals hold the truth less
# often: of 100 in 82 to 91 cases of 100, of 200 in about 90 (measured, simulated).
LEAST_EFFECTIVE = 200.0
# Weights have mean 1 where everything wanted was tried at times; what was not goes missing.
LEAST_COVERED = 0.95

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
    """Estimates by name, or why there are none.

    ``clusters`` are as good as ``effective`` that did what the target does; ``covered`` is the
    share of what the target does that was tried at times.
    """

    clusters: int
    effective: float
    covered: float
    refused: str | None
    estimates: dict[str, Estimate]

    def document(self) -> dict[str, object]:
        """Write it as plain values."""
        told: dict[str, object] = {
            "sample_size": self.clusters,
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
    weight = np.minimum(d.target / d.logged, CLIP)
    doubly = d.guessed_target + weight * (d.rewards - d.guessed)
    ips, weights, doubly, count = by_search(
        d.cluster, np.array([weight * d.rewards, weight, doubly, np.ones(len(weight))])
    )
    # A cluster's decisions were drawn together: ten weights of one page are no ten draws.
    squared = float((weights**2).sum())
    effective = float(weights.sum() ** 2 / squared) if squared else 0.0
    size = float(count.mean())
    found = OffPolicy(len(count), effective, float(weights.sum() / count.sum()), None, {})
    refused = _refusal(found, weights / size)
    if refused is not None:
        return replace(found, refused=refused)
    ratio = float(ips.sum() / weights.sum())
    # The ratio is of decisions; a cluster has ``size`` of them.
    linear = ratio * size + (ips - ratio * weights) / float(weights.mean()) * size
    values = {"ips": ips, "snips": linear, "doubly_robust": doubly}
    return replace(found, estimates={name: _mean(each) for name, each in values.items()})


def _refusal(found: OffPolicy, shares: Numbers) -> str | None:
    """Why there can be no estimate; ``shares`` of what each cluster's target does, (clusters,)."""
    of = f"{found.effective:,.0f} effective of {found.clusters:,}"
    if _mean(shares).high < LEAST_COVERED:
        return (
            f"the log tried {found.covered:.0%} of what this order wants ({of}), and "
            f"{LEAST_COVERED:.0%} must have been tried at times. More of the same exploration "
            "reaches no further: see what neighbours earn, or serve the order as a canary"
        )
    if found.effective < LEAST_EFFECTIVE:
        times = LEAST_EFFECTIVE / max(found.effective, 1.0)
        return (
            f"{of}; at least {LEAST_EFFECTIVE:.0f} effective are needed: about {times:.1f} times "
            "as long a log, or as much of it explored"
        )
    return None


def _mean(values: Numbers) -> Estimate:
    middle = float(values.mean())
    width = _WIDTH * float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(middle, middle - width, middle + width)
