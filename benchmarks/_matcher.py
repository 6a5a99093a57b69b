"""The matcher alone, in this process: what a search costs, where, and whether it is exact."""

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks._load import a_slate
from benchmarks._searches import new_searches
from benchmarks._tenfold import multiplied
from matcher import match
from matcher.features.declared import FEATURES
from matcher.forest import SCALE
from matcher.learn.canonical import load
from matcher.match import Draw, Engine
from matcher.organic import OrganicList
from matcher.registry import ESTIMATOR
from matcher.score import SCORE_SHIFT
from models.domain.matching import PAGE_SIZE, Answers, CampaignOffer, Sort

CROSS_BITS = 16
SEARCHES, WARMING, REPLAYED = 2_000, 200, 1_000
PREDICTED_TOGETHER = 50
# The last: what this thread computed in that time, which others on the machine do not lengthen.
STAGES = ("find", "offers", "rank and bid", "place", "show", "all", "all, computing")


def measure(engine: Engine, offers: Sequence[CampaignOffer]) -> dict[str, float | int]:
    """Measure everything and print the table of where the microseconds go."""
    searches = new_searches(engine, SEARCHES + WARMING)
    _rest_the_collector()
    _times(engine, searches[SEARCHES:], offers)
    spent, candidates = _times(engine, searches[:SEARCHES], offers)
    _print_table(spent)
    larger = multiplied(engine, 10)
    _rest_the_collector()
    _times(larger, searches[SEARCHES:], offers)
    tenfold, more = _times(larger, searches[:SEARCHES], offers)
    whole, larger_whole = spent["all"], tenfold["all"]
    return {
        "matcher_p50_ms": round(float(np.percentile(whole, 50)) / 1000, 3),
        "matcher_p99_ms": round(float(np.percentile(whole, 99)) / 1000, 3),
        "matcher_cpu_p50_ms": round(float(np.percentile(spent[STAGES[-1]], 50)) / 1000, 3),
        "matcher_cpu_p99_ms": round(float(np.percentile(spent[STAGES[-1]], 99)) / 1000, 3),
        "searches": SEARCHES,
        "candidates_p50": int(np.percentile(candidates, 50)),
        "candidates_most": int(candidates.max()),
        "candidates_per_s": round(float(candidates.sum() / whole.sum() * 1e6)),
        "tenfold_p50_ratio": round(
            float(np.percentile(larger_whole, 50) / np.percentile(whole, 50)), 2
        ),
        "tenfold_candidates_per_s": round(float(more.sum() / larger_whole.sum() * 1e6)),
        "offers": len(offers),
        **_parity(engine, searches[:REPLAYED]),
    }


def _rest_the_collector() -> None:
    """As a web worker does when it is open (``service/wsgi.py``)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _times(
    engine: Engine, searches: Sequence[Answers], offers: Sequence[CampaignOffer]
) -> tuple[Mapping[str, NDArray[np.float64]], NDArray[np.int64]]:
    """Draw the first page of each search, never found before.

    Returns:
        Microseconds of each stage, and how many candidates were found: shapes (searches,).
    """
    rows, candidates = [], []
    for number, answers in enumerate(searches):
        engine.recent.clear()
        worked = time.thread_time()
        marks = [time.perf_counter()]
        match.find(engine, answers)
        marks.append(time.perf_counter())
        slate = a_slate(number, answers, match.relevant_offers(engine, answers, offers))
        marks.append(time.perf_counter())
        drawn = match.draw(engine, slate)
        marks.append(time.perf_counter())
        drawn.allocation.draw(PAGE_SIZE)
        marks.append(time.perf_counter())
        page = match.page(engine, drawn, 1)
        marks.append(time.perf_counter())
        whole = (marks[-1] - marks[0], time.thread_time() - worked)
        rows.append([*np.diff(marks), *whole])
        candidates.append(page.total)
    table = np.array(rows) * 1e6
    return dict(zip(STAGES, table.T, strict=True)), np.array(candidates)


def _print_table(spent: Mapping[str, NDArray[np.float64]]) -> None:
    print(f"{'microseconds':16}{'p50':>8}{'p99':>8}{'mean':>8}")
    for stage, times in spent.items():
        figures = (np.percentile(times, 50), np.percentile(times, 99), times.mean())
        print(f"{stage:16}" + "".join(f"{figure:8.0f}" for figure in figures))


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A search drawn again: the distinct codes of its candidates, and which ones each has."""

    drawn: Draw
    codes: NDArray[np.uint8]
    back: NDArray[np.int64]


def _parity(engine: Engine, searches: Sequence[Answers]) -> dict[str, float | int]:
    """Score again with scikit-learn's own ``predict``: how far off, and are the first 20 the same?

    Every leaf is rounded once: a sum of trees may be off by half a step for each.
    """
    estimator = load((engine.ranker.path / ESTIMATOR).read_bytes())
    furthest, same = 0.0, 0
    for start in range(0, len(searches), PREDICTED_TOGETHER):
        some = enumerate(searches[start : start + PREDICTED_TOGETHER], start)
        replayed = [_replay(engine, number, answers) for number, answers in some]
        # One call for many searches: it costs 13 µs a tree before any row.
        predicted = estimator.predict(np.concatenate([one.codes for one in replayed]))
        edges = np.cumsum([len(one.codes) for one in replayed])[:-1]
        for one, values in zip(replayed, np.split(predicted, edges), strict=True):
            apart, is_same = _compared(one, values[one.back])
            furthest, same = max(furthest, apart), same + is_same
    trees = len(engine.ranker.forest.root)
    return {
        "parity_furthest": round(furthest, 8),
        "parity_bound": round((trees + 1) / 2 / SCALE, 8),
        "parity_searches": len(searches),
        "parity_same_first_20": same,
    }


def _replay(engine: Engine, number: int, answers: Answers) -> _Replayed:
    drawn = match.draw(engine, a_slate(number, replace(answers, sort=Sort.RELEVANCE), ()))
    ranked, found = drawn.ranked, drawn.ranked.found
    own = engine.breakdown.combination.take(found.rows).astype(np.int64)
    cross = ranked.cross.all()
    _, one, back = np.unique(own << CROSS_BITS | cross, return_index=True, return_inverse=True)
    codes = engine.breakdown.codes(found.rows[one], cross[one], found.student.codes)
    return _Replayed(drawn, np.array(codes, np.uint8).reshape(-1, len(FEATURES)), back)


def _compared(one: _Replayed, predicted: NDArray[np.float64]) -> tuple[float, bool]:
    """How far off scores are at most, and whether predicted ones give the same first 20."""
    ranked = one.drawn.ranked
    scores = ranked.scores(np.arange(ranked.count))
    furthest = np.abs(scores / SCALE - predicted).max(initial=0.0)
    # In steps of the fixed point, everything else of the order as it was.
    steps = np.rint(predicted * SCALE).astype(np.int64)
    moved = (scores - steps) << SCORE_SHIFT
    again = replace(ranked, order=ranked.order + moved, sorted=[])
    first = OrganicList(again, spread=True).first(PAGE_SIZE)
    return float(furthest), first == one.drawn.allocation.organic.first(PAGE_SIZE)
