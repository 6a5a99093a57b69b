"""What the tree constraint costs: the same trees with and without it, on the same folds.

Simulated students read organic pages; both models learn from what they did, as ``ranker train``
does, with the chance to be looked at known. Both are judged on searches they never saw, by what
those students truly want: the known truth leaves only the models to differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks._load import a_slate
from matcher import match
from matcher.learn.evaluate import judge
from matcher.learn.fit import Parameters
from matcher.learn.simulate_clicks import attention
from matcher.learn.simulate_students import Population
from matcher.learn.simulate_truth import Tastes, true_gains
from matcher.learn.simulate_visits import PageSeen, visit_page
from matcher.learn.trees import columns_of, fit_rates
from matcher.match import Engine
from models.domain.matching import Answers
from models.domain.slates import EventKind

STUDENTS, FOLDS, SEED = 2_000, 2, 20261122


@dataclass(frozen=True)
class _Log:
    """Listings that were on a screen, n of them: codes, the search of each, place, gain."""

    codes: NDArray[np.uint8]
    query: NDArray[np.int32]
    place: NDArray[np.int64]
    gain: NDArray[np.float64]


def constraint_cost(engine: Engine) -> dict[str, float]:
    """NDCG@10 of the free model less that of the constrained one, on held-out searches."""
    log, parameters = _simulate(engine), Parameters()
    weight = attention()[log.place]
    scores = {name: np.zeros(len(log.gain)) for name in ("constrained", "free")}
    for fold in range(FOLDS):
        held_out = log.query % FOLDS == fold
        codes, weights = log.codes[~held_out], weight[~held_out]
        rates = log.gain[~held_out] / weights
        constrained = fit_rates(codes, rates, weights, parameters.trees, parameters.seed)
        free = clone(constrained).set_params(interaction_cst=None)
        free.fit(columns_of(codes), rates, sample_weight=weights)
        columns = columns_of(log.codes[held_out])
        scores["constrained"][held_out] = constrained.predict(columns)
        scores["free"][held_out] = free.predict(columns)
    truth = true_gains(log.codes, parameters.click_gain, parameters.request_gain)
    judged = judge(log.query, truth, scores)
    constrained_ndcg, free_ndcg = judged.ndcg("constrained"), judged.ndcg("free")
    return {
        "constraint_cost_ndcg": round(free_ndcg - constrained_ndcg, 5),
        "constrained_ndcg": round(constrained_ndcg, 5),
        "free_ndcg": round(free_ndcg, 5),
        "constraint_examples": len(log.gain),
    }


def _simulate(engine: Engine) -> _Log:
    catalog, parameters = engine.catalog, Parameters()
    fields = dict.fromkeys(catalog.cips, ())
    people = Population(catalog.regions, catalog.cips, engine.index, engine.places, fields)
    codes, query, place, gain = [], [], [], []
    for number in range(STUDENTS):
        chance = np.random.default_rng([SEED, number])
        student = people.draw(chance)
        answers = Answers(
            education_level=student.education_level,
            postal_code=student.postal_code.text if student.postal_code else None,
            region=student.region,
            fields=(student.field,) if student.field else (),
            format=student.format,
        )
        listings = match.page(engine, match.draw(engine, a_slate(number, answers, ())), 1).listings
        seen = PageSeen(
            np.array([one.codes for one in listings], np.uint8),
            np.array([one.school.unitid for one in listings], np.int64),
            np.ones(len(listings), bool),
        )
        gains: dict[int, float] = {}
        for act in visit_page(chance, seen, Tastes(), parameters.trees):
            worth = _WORTH.get(act.kind, 0.0)
            gains[act.row] = gains.get(act.row, 0.0) + worth
        codes += [seen.codes[row] for row in gains]
        query += [number] * len(gains)
        place += list(gains)
        gain += list(gains.values())
    return _Log(np.array(codes), np.array(query, np.int32), np.array(place), np.array(gain))


_WORTH = {
    EventKind.CLICK: Parameters().click_gain,
    EventKind.REQUEST: Parameters().request_gain,
}
