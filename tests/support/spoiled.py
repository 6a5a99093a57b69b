"""Ways to spoil a ranker, and the gate they come to: each is stopped for its own reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.chances import ChanceForests
from matcher.features.declared import PLACES
from matcher.forest import FlatForest
from matcher.learn.dataset import Dataset
from matcher.learn.examine import Candidate, Evidence, examine
from matcher.learn.fit import Fitted
from matcher.learn.flatten import flatten
from matcher.learn.gate import gate
from matcher.learn.prices import one_rate
from matcher.learn.train import evidence_of
from matcher.learn.trees import fit_rates
from models.domain.gate import Condition

Codes = NDArray[np.uint8]
TREES = 60


@dataclass(frozen=True)
class Trial:
    """An honest fit, what it is judged on, and what serves meanwhile."""

    dataset: Dataset
    fitted: Fitted
    chances: ChanceForests
    champion: FlatForest
    catalog: str
    states: Mapping[int, str]

    @property
    def evidence(self) -> Evidence:
        return evidence_of(self.fitted, self.states, 1)

    def candidate(self) -> Candidate:
        return Candidate(self.fitted.forest, self.chances)

    def judged(
        self,
        candidate: Candidate | None = None,
        evidence: Evidence | None = None,
        **where: Any,
    ) -> dict[str, Condition]:
        """The gate's rows for a candidate, by name; the honest one where none is given."""
        found = examine(candidate or self.candidate(), self.champion, evidence or self.evidence)
        rows = gate(found, **{"catalog": self.catalog, "catalogs": self.dataset.catalogs, **where})
        return {row.name: row for row in rows}


def failed(rows: Mapping[str, Condition]) -> set[str]:
    return {name for name, row in rows.items() if not row.passed}


def refitted(trial: Trial, codes: Codes, gains: NDArray[np.float64]) -> Candidate:
    """A forest fitted to codes and gains of the fitting part, chances as they were."""
    weight = trial.fitted.attention[trial.fitted.parts.fitting.bucket]
    forest = flatten(fit_rates(codes, gains / weight, weight, TREES, 1))
    return replace(trial.candidate(), forest=forest)


def permuted_labels(trial: Trial) -> dict[str, Condition]:
    gains = np.random.default_rng(5).permutation(trial.fitted.gains)
    return trial.judged(refitted(trial, trial.fitted.parts.fitting.codes, gains))


def leaked_label(trial: Trial) -> dict[str, Condition]:
    """A feature knows the click: in what is fitted and in what judges."""
    e = trial.evidence

    def leak(codes: Codes, gains: NDArray[np.float64]) -> Codes:
        told = codes.copy()
        told[:, PLACES["specialty_fit"]] = np.where(gains > 0, 4, 0)
        return told

    fitted = leak(e.fitted.codes, e.fitted_gains)
    evidence = replace(
        e,
        fitted=replace(e.fitted, codes=fitted),
        judging=replace(e.judging, codes=leak(e.judging.codes, e.gains)),
    )
    return trial.judged(refitted(trial, fitted, e.fitted_gains), evidence)


def flipped_sign(trial: Trial) -> dict[str, Condition]:
    forest = trial.fitted.forest
    turned = replace(forest, value=-forest.value, baseline=-forest.baseline)
    return trial.judged(replace(trial.candidate(), forest=turned))


def constant(trial: Trial) -> dict[str, Condition]:
    forest = trial.fitted.forest
    return trial.judged(
        replace(trial.candidate(), forest=replace(forest, value=np.zeros_like(forest.value)))
    )


def over_confident(trial: Trial) -> dict[str, Condition]:
    click = trial.chances.click
    # Whatever is likelier than usual is nearly sure, whatever is less likely hardly possible.
    sharp = replace(
        trial.chances, click=replace(click, value=4 * click.value), request=one_rate(0.999)
    )
    return trial.judged(replace(trial.candidate(), chances=sharp))


def another_catalog(trial: Trial) -> dict[str, Condition]:
    return trial.judged(catalogs=("0123456789abcdef",))


def stale_features(trial: Trial) -> dict[str, Condition]:
    """Earnings of what was fitted stem from an older release, two bins lower."""
    e, place = trial.evidence, PLACES["earnings"]
    codes = e.fitted.codes.copy()
    codes[:, place] = np.where(codes[:, place] > 0, np.maximum(codes[:, place], 3) - 2, 0)
    evidence = replace(e, fitted=replace(e.fitted, codes=codes))
    return trial.judged(refitted(trial, codes, e.fitted_gains), evidence)


def one_segment_ruined(trial: Trial) -> dict[str, Condition]:
    """Students with a high-school diploma get the worst first."""
    place, code = PLACES["education_level"], 2
    return trial.judged(
        replace(trial.candidate(), forest=_turned_for(trial.fitted.forest, place, code))
    )


def sponsor_favoured(trial: Trial) -> dict[str, Condition]:
    """The schools of one advertiser, known by what only they have, stand higher."""
    e = trial.evidence
    own = np.isin(e.fitted.codes[:, PLACES["control"]], (2,)) & e.fitted.advertised
    gains = np.where(own, e.fitted_gains * 12 + 0.3, e.fitted_gains)
    return trial.judged(refitted(trial, e.fitted.codes, gains))


# A touched artefact is the tenth: it does not come as far as the gate (test_registry).
SPOILED: Mapping[str, tuple[Callable[[Trial], dict[str, Condition]], str]] = {
    "permuted labels": (permuted_labels, "over_random"),
    "leaked label": (leaked_label, "not_told_the_answer"),
    "flipped sign": (flipped_sign, "over_random"),
    "constant": (constant, "tells_apart"),
    "over-confident": (over_confident, "calibration"),
    "another catalog": (another_catalog, "catalog"),
    "stale features": (stale_features, "steady_features"),
    "one segment ruined": (one_segment_ruined, "segments"),
    "a sponsor favoured": (sponsor_favoured, "advertisers"),
}


def _turned_for(forest: FlatForest, place: int, code: int) -> FlatForest:
    """A forest that means the opposite where a feature has a code: each tree under two splits.

    A tree becomes: code < wanted -> as it is; code > wanted -> as it is; else turned.
    """
    feature: list[int] = []
    threshold: list[int] = []
    left: list[int] = []
    right: list[int] = []
    value: list[int] = []
    root: list[int] = []
    ends = [*forest.root[1:].tolist(), len(forest.feature)]
    for first, end in zip(forest.root.tolist(), ends, strict=True):
        rows = slice(first, end)
        at, size = len(feature), end - first
        same, turned = at + 2, at + 2 + size
        root.append(at)
        feature += [place, place]
        threshold += [code - 1, code]
        left += [same, turned]
        right += [at + 1, same]
        for begin, sign in ((same, 1), (turned, -1)):
            feature += forest.feature[rows].tolist()
            threshold += forest.threshold[rows].tolist()
            left += (forest.left[rows] - first + begin).tolist()
            right += (forest.right[rows] - first + begin).tolist()
            value += ([0, 0] if sign == 1 else []) + (sign * forest.value[rows]).tolist()
    return replace(
        forest,
        feature=np.array(feature, np.int16),
        threshold=np.array(threshold, np.uint8),
        left=np.array(left, np.int32),
        right=np.array(right, np.int32),
        value=np.array(value, np.int32),
        root=np.array(root, np.int32),
    )
