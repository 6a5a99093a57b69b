"""Whether chances come true: a reliability table, ECE and log loss on searches never seen.

The chance of a request is P(request | shown first), as the card maps it from a score, times the
attention of the listing's place. Only listings whose school could be asked are looked at.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.resample import SAMPLES, interval

BINS = 20
_LEAST_CHANCE = 1e-9

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Chances beside what happened, by ``BINS`` groups of equal count.

    ``chance``, ``happened`` float64 (bins,): means of each; ``count`` (bins,). ``ece`` the mean
    distance of the two, weighed by count; ``by_chance`` the ECE that perfect chances would have
    on as many listings, at most, 99 times in 100. ``base`` how often anything happened;
    ``log_loss`` and ``log_loss_constant`` (of always saying ``base``) in nats a listing.
    """

    chance: Numbers
    happened: Numbers
    count: NDArray[np.int64]
    ece: float
    ece_interval: list[float]
    by_chance: float
    base: float
    log_loss: float
    log_loss_constant: float

    def document(self) -> dict[str, object]:
        """Write it as plain values."""
        return {
            "listings": int(self.count.sum()),
            "base_rate": round(self.base, 6),
            "ece": round(self.ece, 6),
            "ece_interval": self.ece_interval,
            "ece_by_chance_alone": round(self.by_chance, 6),
            "log_loss": round(self.log_loss, 6),
            "log_loss_constant": round(self.log_loss_constant, 6),
            "bins": [
                {"chance": round(c, 6), "happened": round(h, 6), "listings": int(n)}
                for c, h, n in zip(self.chance, self.happened, self.count, strict=True)
            ],
        }


def reliability(
    query: NDArray[np.int32], chances: Numbers, happened: NDArray[np.bool_], seed: int
) -> Reliability | None:
    """Compare chances with what happened; None where there is nothing to compare.

    Args:
        query: the search of each listing, shape (n,).
        chances: what was said of each, shape (n,).
        happened: what came, shape (n,).
        seed: of the resampling of searches and of what chance alone does.
    """
    if not len(query):
        return None
    group = np.empty(len(query), np.int64)
    # Equal chances stand as they came: a map with few steps still fills all groups.
    order = np.argsort(chances, kind="stable")
    group[order] = np.arange(len(query)) * BINS // len(query)
    count = np.maximum(np.bincount(group, minlength=BINS), 1)
    said = np.bincount(group, chances, BINS)
    came = np.bincount(group, happened, BINS)
    base = float(happened.mean())
    return Reliability(
        chance=said / count,
        happened=came / count,
        count=count,
        ece=float(np.abs(said - came).sum() / len(query)),
        ece_interval=_ece_interval(query, group, happened - chances, seed),
        by_chance=_ece_by_chance(group, chances, seed),
        base=base,
        log_loss=_log_loss(chances, happened),
        log_loss_constant=_log_loss(np.full(len(query), base), happened),
    )


def _ece_interval(
    query: NDArray[np.int32], group: NDArray[np.int64], wrong: Numbers, seed: int
) -> list[float]:
    _, search = np.unique(query, return_inverse=True)
    searches, chance = int(search.max()) + 1, np.random.default_rng(seed)
    found = np.empty(SAMPLES)
    for sample in range(SAMPLES):
        weight = np.bincount(chance.integers(0, searches, searches), minlength=searches)[search]
        found[sample] = np.abs(np.bincount(group, wrong * weight, BINS)).sum() / weight.sum()
    return interval(found)


def _ece_by_chance(group: NDArray[np.int64], chances: Numbers, seed: int) -> float:
    """The ECE of perfect chances: sums of many draws are close to normal."""
    spread = np.sqrt(np.bincount(group, chances * (1 - chances), BINS))
    drawn = np.random.default_rng(seed).standard_normal((1_000, BINS)) * spread
    return float(np.quantile(np.abs(drawn).sum(axis=1), 0.99) / len(group))


def _log_loss(chances: Numbers, happened: NDArray[np.bool_]) -> float:
    sure = np.clip(chances, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    return float(-np.where(happened, np.log(sure), np.log1p(-sure)).mean())
