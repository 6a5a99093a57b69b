"""Everything a ranker is judged by, on searches newer than any it was fitted to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.chances import ChanceForests
from matcher.forest import SCALE, FlatForest, forest_sum
from matcher.learn.baselines import baseline_orders, single_feature_orders
from matcher.learn.calibrated import Reliability, reliability
from matcher.learn.contributions import contributions
from matcher.learn.dataset import Examples
from matcher.learn.drift import code_counts, drift
from matcher.learn.evaluate import Difference, Judged, by_depth, judge, places
from matcher.learn.exposure import Favour, Scored, exposure_shares, favours
from matcher.learn.neighbours import turned
from matcher.learn.offpolicy import Decisions, OffPolicy, estimate
from matcher.learn.segments import Segment, judge_segments
from models.domain.matching import PAGE_SIZE

# One click at a place hardly anybody looks at must not decide what an order is worth.
CLIP = 0.05

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rankers are judged on: older listings they could learn from, newer ones they could not.

    ``fitted`` and ``judging`` with what each listing gained as it came (``fitted_gains``,
    ``gains``); ``attention`` by bucket; ``calibrated_on`` how many listings said when chances are
    true enough;
    ``states`` the state of each school, by unitid.
    """

    fitted: Examples
    fitted_gains: Numbers
    judging: Examples
    gains: Numbers
    attention: Numbers
    calibrated_on: int
    states: Mapping[int, str]
    seed: int

    def worth(self) -> Numbers:
        """What each judging listing gained, corrected for how its place hides it."""
        return self.gains / np.maximum(self.attention, CLIP)[self.judging.bucket]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranker before it has a name: trees of its order, and of its chances."""

    forest: FlatForest
    chances: ChanceForests


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found about a ranker; ``compared`` is the order it is to be no worse than."""

    judged: Judged
    compared: str
    over: Mapping[str, Difference]
    best_feature: str
    single_features: Mapping[str, float]
    told_apart: float
    segments: tuple[Segment, ...]
    reliability: Reliability | None
    calibrated_on: int
    exposure: Mapping[str, Mapping[str, Mapping[str, float]]]
    favours: tuple[Favour, ...]
    drift: Mapping[str, float]
    off_policy: OffPolicy
    served_value: float
    seed: int
    since_champion: Mapping[str, float] = field(default_factory=dict)
    by_depth: Mapping[str, list[float]] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)
    neighbours: OffPolicy | None = None

    def document(self) -> dict[str, object]:
        """Write it for the card."""
        calibration = self.reliability.document() if self.reliability else {"too_small": True}
        return {
            **self.judged.document(self.seed, "served"),
            "compared_with": self.compared,
            "ndcg_by_depth": dict(self.by_depth),
            "contributions": dict(self.contributions),
            "best_single_feature": self.best_feature,
            "single_features": dict(self.single_features),
            "told_apart": self.told_apart,
            "segments": [each.document() for each in self.segments],
            "reliability": calibration,
            "exposure": self.exposure,
            "advertisers": [each.document() for each in self.favours],
            "drift": {
                "from_fitting_to_judging": dict(self.drift),
                "since_champion": dict(self.since_champion),
            },
            "off_policy": {
                "served": self.served_value,
                **self.off_policy.document(),
                "neighbours": self.neighbours.document() if self.neighbours else None,
            },
        }


def examine(
    candidate: Candidate,
    champion: FlatForest | None,
    evidence: Evidence,
    champion_codes: Mapping[str, list[int]] | None = None,
) -> Findings:
    """Judge a ranker.

    Args:
        candidate: the ranker.
        champion: the trees that serve, to compare with; None compares with what was served.
        evidence: what to judge on.
        champion_codes: what the champion was fitted to, as ``drift.code_counts``.
    """
    e, judging, worth = evidence, evidence.judging, evidence.worth()
    scores = forest_sum(candidate.forest, judging.codes).astype(np.float64)
    earned = e.fitted_gains / np.maximum(e.attention, CLIP)[e.fitted.bucket]
    baselines, best = baseline_orders(e.fitted, earned, judging, e.seed)
    orders = {"new": scores, "served": -judging.organic.astype(np.float64), **baselines}
    if champion is not None:
        orders["champion"] = forest_sum(champion, judging.codes).astype(np.float64)
    compared = "served" if champion is None else "champion"
    judged = judge(judging.query, worth, orders)
    alone = judge(judging.query, worth, single_feature_orders(e.fitted, earned, judging))
    counts = code_counts(e.fitted.codes, e.fitted.weight)
    seen = Scored(judging, e.gains, e.attention[judging.bucket], scores)
    return Findings(
        judged=judged,
        compared=compared,
        over={name: judged.over(e.seed, "new", name) for name in orders if name != "new"},
        best_feature=best,
        single_features={name: round(alone.ndcg(name), 4) for name in alone.found},
        told_apart=_told_apart(judging, scores),
        segments=tuple(
            judge_segments(judging, worth, (scores, orders[compared]), e.states, e.seed)
        ),
        reliability=_reliability(candidate, e),
        calibrated_on=e.calibrated_on,
        exposure=exposure_shares(judging, worth, {n: orders[n] for n in ("new", compared)}),
        favours=tuple(favours(seen, e.seed)),
        drift=drift(counts, code_counts(judging.codes)),
        off_policy=_off_policy(
            scores,
            e,
            served=places(judging.query, -judging.organic.astype(np.float64)),
            wanted=places(judging.query, scores),
        ),
        neighbours=_off_policy(
            scores, e, served=judging.organic - 1, wanted=turned(judging, scores) - 1
        ),
        served_value=float(e.gains.sum() / max(len(np.unique(judging.query)), 1)),
        seed=e.seed,
        since_champion=drift(champion_codes, counts) if champion_codes else {},
        by_depth=by_depth(
            judging.query, worth, {n: orders[n] for n in ("new", compared, "random")}, PAGE_SIZE
        ),
        contributions=contributions(candidate.forest, judging.codes, e.seed),
    )


def _reliability(candidate: Candidate, evidence: Evidence) -> Reliability | None:
    rows = evidence.judging.take(evidence.judging.could_ask)
    chances = candidate.chances.chances(rows.codes).asked * evidence.attention[rows.bucket]
    return reliability(rows.query, chances, rows.requested, evidence.seed)


def _off_policy(
    scores: Numbers,
    evidence: Evidence,
    *,
    served: NDArray[np.integer],
    wanted: NDArray[np.integer],
) -> OffPolicy:
    """Read pages as decisions, one a listing: the place that it had, and the one wanted for it.

    Places count from 0. The ranker's own rates are the model of what listings earn; what happened
    corrects it.
    """
    judging, gains = evidence.judging, evidence.gains
    # The score is the logarithm of a rate up to a factor, which what was earned tells.
    rates = np.exp(np.clip((scores - scores.max()) / SCALE, -30, 0))
    looked = evidence.attention[judging.bucket]
    rates *= gains.sum() / max(float((rates * looked).sum()), np.finfo(np.float64).tiny)
    here, there = (
        evidence.attention[np.minimum(place, PAGE_SIZE - 1)] for place in (served, wanted)
    )
    return estimate(
        Decisions(
            cluster=judging.query,
            rewards=gains,
            logged=judging.propensity,
            target=(served == wanted).astype(np.float64),
            guessed=rates * here,
            guessed_target=rates * there,
        )
    )


def _told_apart(judging: Examples, scores: Numbers) -> float:
    """Of pairs of listings of a search with different codes, the share with different scores."""
    whole = _pairs(judging.query)
    rows = np.column_stack([judging.query.view(np.uint8).reshape(-1, 4), judging.codes])
    alike = _pairs(np.unique(rows, axis=0, return_inverse=True)[1].ravel())
    tied = _pairs(
        np.unique(np.column_stack([judging.query, scores]), axis=0, return_inverse=True)[1].ravel()
    )
    return round((whole - tied) / max(whole - alike, 1), 4)


def _pairs(groups: NDArray[np.integer]) -> int:
    count = np.unique(groups, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())
