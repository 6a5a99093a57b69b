"""How likely each place is looked at, told by chance alone: by listings that changed places.

Two listings that stand one after the other in the plain order, and that chance may turn around, are
each shown now at the one place and now at the other. What the two are clicked at the lower place
over what they are clicked at the upper, each click weighed by 1 / the exact chance of standing
there, is how much less the lower is looked at: whatever they are, whoever reads. Chained from the
first place on, that is the attention of every place. Nothing is supposed of what is wanted; but a
place's attention is one number, so of readers who stop after a click it is an average.

Single steps are noisy where exploration is small: each is drawn towards one smooth fading,
1 / place^f, by as much as it is uncertain. Sources: Joachims, Swaminathan, Schnabel 2017 (swaps);
Agarwal and others 2019 (exact chances instead of equal ones).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.dataset import Examples, UnusableLogError
from matcher.learn.neighbours import may_turn, rows_at
from models.domain.matching import PAGE_SIZE

# With fewer clicks on listings that stood elsewhere than planned, steps mean nothing.
LEAST_CLICKS = 100
# How far a step may well be from the smooth fading, in logarithms.
SUPPOSED_APART = 0.1
LEAST = 0.01
PASSES = 3
_STEPS = np.log(np.arange(2, PAGE_SIZE + 1) / np.arange(1, PAGE_SIZE))

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Swapped:
    """What changed places told, by kind of page: those that tell impressions, and others.

    ``attention`` (2, ``PAGE_SIZE``), the first place being 1; ``fading`` (2,) the exponent of the
    smooth curve and ``error`` (2,) its standard error; ``pairs`` and ``clicks`` (2,) how many
    pairs were looked into, and clicks on listings that stood elsewhere than planned.
    """

    attention: Numbers
    fading: Numbers
    error: Numbers
    pairs: NDArray[np.int64]
    clicks: NDArray[np.int64]

    @property
    def refused(self) -> str | None:
        """Why it cannot be used; None where it can."""
        if (found := int(self.clicks.sum())) >= LEAST_CLICKS:
            return None
        return (
            f"{found:,} clicks on listings that chance had moved; at least {LEAST_CLICKS} are "
            "needed: explore more, or let attention be estimated"
        )

    def card(self) -> dict[str, object]:
        """Write it for the card."""
        told: dict[str, object] = {
            "pairs": self.pairs.tolist(),
            "clicks_moved": self.clicks.tolist(),
        }
        if self.refused:
            return {**told, "refused": self.refused}
        return {
            **told,
            "fading": np.round(self.fading, 4).tolist(),
            "fading_error": np.round(self.error, 4).tolist(),
            "places_with_impressions": np.round(self.attention[0], 4).tolist(),
            "places_without": np.round(self.attention[1], 4).tolist(),
        }


def read_swaps(examples: Examples) -> Swapped:
    """Find each place's attention from listings that changed places by chance.

    Args:
        examples: listings that were on a screen, with the exact chance of where they stood.
    """
    steps = _Steps.of(examples)
    kinds = [steps.fading(kind) for kind in (0, 1)]
    # A kind that tells nothing is read as the other.
    known = [kind for kind in (0, 1) if steps.clicks[kind]] or [0]
    curves = [kinds[kind] if kind in known else kinds[known[0]] for kind in (0, 1)]
    return Swapped(
        attention=np.array([curve for curve, _, _ in curves]),
        fading=np.array([fading for _, fading, _ in curves]),
        error=np.array([error for _, _, error in curves]),
        pairs=steps.pairs,
        clicks=steps.clicks,
    )


def attention_by_swaps(examples: Examples) -> Swapped:
    """Find each place's attention from chance alone.

    Raises:
        UnusableLogError: when too few clicks tell of it.
    """
    found = read_swaps(examples)
    if found.refused:
        raise UnusableLogError(f"Attention cannot be read off randomised traffic: {found.refused}.")
    return found


@dataclass(frozen=True, slots=True)
class _Steps:
    """Clicks of pairs at the upper and the lower of two places, weighed, by kind and upper place.

    ``above``, ``below`` (2, ``PAGE_SIZE`` - 1) their sums; ``squares`` (3, 2, ``PAGE_SIZE`` - 1) of
    their squares and their product: a pair counts as a draw of its own.
    """

    above: Numbers
    below: Numbers
    squares: Numbers
    pairs: NDArray[np.int64]
    clicks: NDArray[np.int64]

    @classmethod
    def of(cls, examples: Examples) -> "_Steps":
        """Add up what is known of each two places that stand together on a page."""
        first, second, upper = _pairs(examples)
        step = examples.bucket[upper].astype(np.int64)
        weighed = examples.weight * examples.clicked / examples.propensity
        at, lies = examples.organic, examples.organic[upper]
        above, below = (
            weighed[first] * (at[first] == place) + weighed[second] * (at[second] == place)
            for place in (lies, lies + 1)
        )
        moved = examples.clicked & (examples.organic != examples.plain)
        kind = step // PAGE_SIZE
        told = moved[first] | moved[second]
        return cls(
            _by_step(step, above),
            _by_step(step, below),
            np.array([_by_step(step, each) for each in (above**2, below**2, above * below)]),
            np.bincount(kind, minlength=2),
            np.bincount(kind[told], minlength=2),
        )

    def fading(self, kind: int) -> tuple[Numbers, float, float]:
        """The attention of each place of a kind of page, the exponent and its error."""
        above, below = self.above[kind], self.below[kind]
        known = (above > 0) & (below > 0)
        if not known.any():
            return np.ones(PAGE_SIZE), 0.0, 0.0
        logs = np.log(np.where(known, below, 1.0) / np.where(known, above, 1.0))
        fading, variance, sure = 0.0, np.ones(PAGE_SIZE - 1), _STEPS
        for _ in range(PASSES):
            variance = self._variance(kind, np.exp(-fading * _STEPS)) + SUPPOSED_APART**2
            sure = np.where(known, _STEPS / variance, 0.0)
            fading = max(float(-(sure @ logs) / (sure @ _STEPS)), 0.0)
        error = float(1 / np.sqrt(sure @ _STEPS))
        smooth = -fading * _STEPS
        trust = np.where(known, SUPPOSED_APART**2 / variance, 0.0)
        curve = np.exp(np.concatenate([[0.0], np.cumsum(smooth + trust * (logs - smooth))]))
        return np.clip(curve, LEAST, 1.0), fading, error

    def _variance(self, kind: int, ratio: Numbers) -> Numbers:
        """Of the logarithm of below over above, by the delta method, were it that ``ratio``.

        Were it what was found, steps that look steep by bad luck would count less for it.
        """
        clicks = self.above[kind] + self.below[kind]
        total = np.where(clicks > 0, clicks, 1.0)
        ups, downs = total / (1 + ratio), total * ratio / (1 + ratio)
        up, down, both = self.squares[:, kind]
        variance: Numbers = up / ups**2 + down / downs**2 - 2 * both / (ups * downs)
        return variance


def _by_step(step: NDArray[np.int64], values: Numbers) -> Numbers:
    sums: Numbers = np.bincount(step, values, 2 * PAGE_SIZE).astype(np.float64)
    return sums.reshape(2, PAGE_SIZE)[:, :-1]


def _pairs(
    examples: Examples,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows of both listings of each pair, and of whoever stands at the upper of its places.

    Only pairs whose two places were both on the screen, one directly below the other: what is
    sponsored may stand between organic places.
    """
    plain = examples.plain.astype(np.int64)
    first = np.flatnonzero(plain < PAGE_SIZE)
    second = rows_at(examples, examples.plain, first, plain[first] + 1)
    upper = rows_at(examples, examples.organic, first, plain[first])
    lower = rows_at(examples, examples.organic, first, plain[first] + 1)
    whole = (second >= 0) & (upper >= 0) & (lower >= 0)
    first, second, upper, lower = (each[whole] for each in (first, second, upper, lower))
    bucket = examples.bucket.astype(np.int64)
    together = (bucket[lower] == bucket[upper] + 1) & (bucket[lower] % PAGE_SIZE > 0)
    together &= may_turn(examples, first, second)
    return first[together], second[together], upper[together]
