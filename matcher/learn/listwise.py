"""LambdaMART by scikit-learn's gradient boosting: the one file that leans on its private parts.

scikit-learn takes a loss object, keeps trees in ``_predictors`` and has no name for either in its
public interface. The version is pinned, and tests hold what is relied on here.

The loss of two listings of a search, a before b with scores s and gains g, is

    |d(a) - d(b)| x (g(a) ln(1 + exp(s(b) - s(a))) + g(b) ln(1 + exp(s(a) - s(b))))

with d the discount of a place (1 / log2(place + 1)), as the listings stand now. It is linear in
the gains: gains that are right on average (a click over the chance to be looked at) give a loss
that is right on average. It is least where s(a) - s(b) = ln g(a) - ln g(b), so that its scores can
be added to the logarithms of rates that a Poisson loss finds. Sources: Burges 2010 (LambdaMART);
Joachims, Swaminathan, Schnabel 2017 (gains over propensities).
"""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.link import IdentityLink
from sklearn._loss.loss import BaseLoss, HalfSquaredError

Numbers = NDArray[np.float64]
Small = NDArray[np.float32]

# Searches of like length are computed together: the longest is at most so much longer.
_GROWTH = 1.25
_STEEPEST = 50.0
_LEAST_HESSIAN = 1e-6


class ListwiseLoss(BaseLoss):  # type: ignore[misc]
    """The loss above, over the pairs of which one stands among the first ``depth``.

    A pair counts as often as the product of the weights of the two. Every search counts the same
    when ``even``, whatever its gains add up to; else as much as they do, which is what gains over
    propensities ask for.
    """

    def __init__(
        self, query: NDArray[np.integer], depth: int, *, weight: Numbers, even: bool
    ) -> None:
        """Take search and weight of each row, shape (n,), rows of a search side by side."""
        # The compiled half is asked for nothing: the methods that use it are replaced below.
        super().__init__(closs=HalfSquaredError().closs, link=IdentityLink())
        self._depth, self._even = depth, even
        self._rows = len(query)
        self._weight = np.append(weight, 0.0).astype(np.float32)
        self._blocks = _blocks(query)

    def fit_intercept_only(self, y_true: Numbers, sample_weight: Numbers | None = None) -> Any:
        """Start from 0: an order has no level."""
        del y_true, sample_weight
        return np.float64(0)

    def gradient_hessian(  # noqa: PLR0913, PLR0917 - scikit-learn's own signature
        self,
        y_true: Numbers,
        raw_prediction: Numbers,
        sample_weight: Numbers | None = None,
        gradient_out: Small | None = None,
        hessian_out: Small | None = None,
        n_threads: int = 1,
    ) -> tuple[Small, Small]:
        """Write gradients and second derivatives, shape (n,), of gains ``y_true`` (n,)."""
        del sample_weight, n_threads
        if gradient_out is None or hessian_out is None:
            raise TypeError("scikit-learn no longer passes where to write to")
        # One row more than there is: what short searches are filled up with.
        score = np.append(raw_prediction.ravel(), -np.inf).astype(np.float32)
        gain = np.append(y_true, 0.0).astype(np.float32)
        gradient, hessian = np.zeros((2, self._rows + 1), np.float32)
        for rows in self._blocks:
            order = np.argsort(-score[rows], axis=1, kind="stable")
            at = np.take_along_axis(rows, order, axis=1)
            standing = np.where(at < self._rows, score[at], 0)
            first, second = _pairs(standing, gain[at], self._weight[at], self._depth)
            if self._even:
                ideal = (-np.sort(-gain[at], axis=1) @ _discounts(at.shape[1]))[:, None]
                first, second = (each / np.maximum(ideal, 1e-9) for each in (first, second))
            gradient[at], hessian[at] = first, second
        gradient_out[:] = gradient[:-1]
        hessian_out[:] = np.maximum(hessian[:-1], _LEAST_HESSIAN)
        return gradient_out, hessian_out


def _blocks(query: NDArray[np.integer]) -> list[NDArray[np.int64]]:
    """Group searches by length: rows of each, shape (searches, longest), filled up with n."""
    first = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
    if len(first) != len(np.unique(query)):
        raise ValueError("rows of a search must stand side by side")
    size = np.diff(np.r_[first, len(query)])
    kind = np.ceil(np.log(size) / np.log(_GROWTH)).astype(np.int64)
    blocks = []
    for each in np.unique(kind[size > 1]):
        these = np.flatnonzero((kind == each) & (size > 1))
        place = np.arange(size[these].max())
        rows = first[these][:, None] + place
        blocks.append(np.where(place < size[these][:, None], rows, len(query)))
    return blocks


def _discounts(count: int) -> Small:
    discounts: Small = (1 / np.log2(np.arange(count) + 2)).astype(np.float32)
    return discounts


def _pairs(score: Small, gain: Small, weight: Small, depth: int) -> tuple[Small, Small]:
    """Derivatives by place of searches in the order they stand in, shapes (searches, places)."""
    count = score.shape[1]
    depth = min(depth, count)
    discount = _discounts(count)
    apart = np.triu(discount[:depth, None] - discount, 1) * weight[:, None, :]
    apart *= weight[:, :depth, None]
    ahead = np.clip(score[:, :depth, None] - score[:, None, :], -_STEEPEST, _STEEPEST)
    stays = 1 / (1 + np.exp(-ahead))
    both = (gain[:, :depth, None] + gain[:, None, :]) * apart
    slope = both * stays - gain[:, :depth, None] * apart
    bend = both * stays * (1 - stays)
    first, second = -slope.sum(axis=1), bend.sum(axis=1)
    first[:, :depth] += slope.sum(axis=2)
    second[:, :depth] += bend.sum(axis=2)
    return first, second


def blend(pointwise: Any, listwise: Any, share: float) -> Any:
    """Make one estimator of two: (1 - share) x the first's raw scores + share x the second's.

    It stays a Poisson regressor of plain scikit-learn, so that it can be written, read and
    flattened like any other.
    """
    mixed = copy.deepcopy(pointwise)
    parts = ((mixed._predictors, 1 - share), (copy.deepcopy(listwise._predictors), share))  # noqa: SLF001 - no public way
    for trees, weight in parts:
        for (tree,) in trees:
            tree.nodes["value"] *= weight
    mixed._predictors = parts[0][0] + parts[1][0]  # noqa: SLF001 - no public way
    mixed._baseline_prediction = mixed._baseline_prediction * (1 - share)  # noqa: SLF001
    return mixed
