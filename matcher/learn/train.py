"""Trains a ranker: fits it to the log, judges it on newer searches, writes it with its card."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import sklearn

from matcher.features.declared import FEATURES
from matcher.learn.artefact import Model, RankerStore, write_ranker
from matcher.learn.dataset import Dataset, UnusableLogError
from matcher.learn.drift import code_counts
from matcher.learn.examine import Candidate, Evidence, examine
from matcher.learn.fit import Fitted, Parameters, fit_ranker
from matcher.learn.gate import gate
from matcher.learn.prices import Prices, prices_of
from matcher.learn.randomised import read_swaps
from matcher.registry import ESTIMATOR, ServedRanker
from models.domain.gate import gate_document
from models.domain.log_form import HERE
from models.domain.training import AttentionFrom, Step

_ATTENTION_MADE_OF = {
    AttentionFrom.CLICKS: "estimated from clicks, in turns with what is wanted",
    AttentionFrom.SWAPS: "listings that changed places by chance, nothing else",
    AttentionFrom.GIVEN: "given by who asked for the training",
}


@dataclass(frozen=True, slots=True)
class Trained:
    """A ranker written to the store, not serving anywhere yet."""

    version: str
    provenance: str
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a ranker is trained into: who trains, what serves, which catalog is published.

    ``states``: the state of each school, by unitid, to judge by.
    """

    by: str
    champion: ServedRanker | None = None
    catalog: str | None = None
    states: Mapping[int, str] = field(default_factory=dict)


def train_ranker(
    store: RankerStore,
    dataset: Dataset,
    parameters: Parameters,
    around: Circumstances,
    tell: Callable[[Step], None] = lambda _: None,
) -> Trained:
    """Fit a ranker to a log, judge it on searches it never saw, and write it with its card.

    The same log and parameters give the same version.

    Args:
        store: where rankers live, and the key that signs.
        dataset: examples of the log.
        parameters: what an operator sets.
        around: what it is trained into.
        tell: told each step as it begins; what it raises ends the training.

    Raises:
        UnusableLogError: when the log is too small to learn from.
    """
    tell(Step.FITTING)
    fitted = fit_ranker(dataset, parameters)
    prices = prices_of(dataset, fitted, parameters.seed)
    tell(Step.JUDGING)
    card = {
        **provenance(dataset, around.by),
        "parameters": asdict(parameters),
        "scikit_learn": sklearn.__version__,
        "attention": _attention_card(fitted, parameters.attention_from),
        "blend": fitted.blended.card(),
        "requests_after_clicks": fitted.asked.card(),
        "codes_fitted": code_counts(fitted.parts.fitting.codes, fitted.parts.fitting.weight),
        "chances": prices.card,
        **_judgement(fitted, prices, dataset, parameters.seed, around),
    }
    tell(Step.WRITING)
    estimators = {f"{name}.skops": each for name, each in prices.estimators.items()}
    model = Model(fitted.forest, prices.forests, {ESTIMATOR: fitted.estimator, **estimators})
    version = write_ranker(store, model, card)
    return Trained(version, str(card["provenance"]), card)


def evidence_of(fitted: Fitted, states: Mapping[int, str], seed: int) -> Evidence:
    """What the searches that a fit left out say of any ranker.

    Raises:
        UnusableLogError: when they say nothing.
    """
    if not fitted.judging_gains.any():
        raise UnusableLogError(
            "No held-out search has a click: the log is too small to judge what it taught."
        )
    return Evidence(
        fitted=fitted.parts.fitting,
        fitted_gains=fitted.gains,
        judging=fitted.parts.judging,
        gains=fitted.judging_gains,
        attention=fitted.attention,
        calibrated_on=len(fitted.parts.calibrating),
        states=states,
        seed=seed,
    )


def _judgement(
    fitted: Fitted, prices: Prices, dataset: Dataset, seed: int, around: Circumstances
) -> dict[str, object]:
    champion = around.champion
    found = examine(
        Candidate(fitted.forest, prices.forests),
        champion.forest if champion else None,
        evidence_of(fitted, around.states, seed),
        champion.card.get("codes_fitted") if champion else None,
    )
    rows = gate(found, catalog=around.catalog, catalogs=dataset.catalogs)
    version = champion.version if champion else None
    return {
        "metrics": found.document(),
        "gate": gate_document(rows, champion=version, catalog=around.catalog),
    }


def provenance(dataset: Dataset, by: str) -> dict[str, object]:
    """Say on the card where a ranker comes from: whose logs, how many searches, when.

    One simulated search makes the whole ranker simulated.
    """
    made_of = "the log of what visitors did"
    if dataset.simulated:
        made_of = f"{dataset.simulated:,} simulated of {len(dataset.slates):,} searches"
    elsewhere = {name: n for name, n in sorted(dataset.origins.items()) if name != HERE}
    if elsewhere:
        told = ", ".join(f"{count:,} from {name}" for name, count in elsewhere.items())
        made_of += f"; imported: {told}"
    return {
        "provenance": "simulated" if dataset.simulated else "learned",
        "made_of": made_of,
        "imported": elsewhere,
        "trained_by": by,
        "window": {"first": dataset.first.isoformat(), "last": dataset.last.isoformat()},
        "log": dataset.fingerprint,
        "counts": {**dataset.counts, "simulated_searches": dataset.simulated},
        "set_aside": dict(dataset.set_aside),
        "catalogs": list(dataset.catalogs),
        "rankers": list(dataset.rankers),
        "feature_names": [feature.name for feature in FEATURES],
    }


def _attention_card(fitted: Fitted, way: AttentionFrom) -> dict[str, object]:
    half = len(fitted.attention) // 2
    reading = fitted.looked.reading
    kinds = zip(("with_impressions", "without"), reading.attention, reading.reads_on, strict=True)
    return {
        "from": way,
        "made_of": _ATTENTION_MADE_OF[way],
        "swaps": read_swaps(fitted.parts.fitting).card(),
        "places_with_impressions": fitted.attention[:half].tolist(),
        "places_without": fitted.attention[half:].tolist(),
        "reading": {
            kind: {
                "looks_when_reading": np.round(looks, 4).tolist(),
                "reads_on": dict(
                    zip(("not_clicked", "clicked", "asked"), np.round(on, 4).tolist(), strict=True)
                ),
            }
            for kind, looks, on in kinds
        },
    }
