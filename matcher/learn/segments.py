"""The same judgement by segment: whom a ranker serves worse than the one before.

Segments cut listings, and each is judged by the order within it: a segment of students (level,
wished format, remote) holds whole searches, one of programs (field, control, state, format)
what a search shows of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.declared import DISTANCE_EDGES, FEATURES, PLACES
from matcher.learn.dataset import Examples
from matcher.learn.evaluate import Difference, judge

# Fewer searches with a gain say too little to hold against a ranker, or for it.
LEAST_SEARCHES = 50
# Beyond this many miles from every school shown a student counts as living remotely.
REMOTE_MILES = 25.0

Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Segment:
    """NDCG@10 of the new order and of the one it is compared with, in one segment."""

    kind: str
    name: str
    searches: int
    new: float | None = None
    other: float | None = None
    apart: Difference | None = None

    def document(self) -> dict[str, object]:
        """Write it as plain values; a segment too small says so."""
        told: dict[str, object] = {"kind": self.kind, "name": self.name, "searches": self.searches}
        if self.apart is None or self.new is None or self.other is None:
            return {**told, "too_small": True}
        return {
            **told,
            "ndcg_10": round(self.new, 4),
            "ndcg_10_other": round(self.other, 4),
            "apart": self.apart.value,
            "apart_interval": [self.apart.low, self.apart.high],
        }


def school_states(catalog: Catalog) -> dict[int, str]:
    """The state of each school of a catalog, by unitid; without those of which none is known."""
    return {
        unitid: catalog.regions[region]
        for unitid, region in zip(catalog.unitid.tolist(), catalog.region.tolist(), strict=True)
        if region >= 0
    }


def judge_segments(
    examples: Examples,
    gains: Numbers,
    orders: tuple[Numbers, Numbers],
    states: Mapping[int, str],
    seed: int,
) -> list[Segment]:
    """Judge two orders in every segment.

    Args:
        examples: the listings that judge, n of them.
        gains: what each was worth, shape (n,).
        orders: scores of the new order and of the one it is compared with, shape (n,) each.
        states: the state of each school, by unitid; schools without one are in no such segment.
        seed: of the resampling of searches.
    """
    found = []
    for kind, name, rows in _segments(examples, states):
        searches = len(np.unique(examples.query[rows & (gains > 0)]))
        if searches < LEAST_SEARCHES:
            found.append(Segment(kind, name, searches))
            continue
        scores = {"new": orders[0][rows], "other": orders[1][rows]}
        judged = judge(examples.query[rows], gains[rows], scores)
        apart = judged.over(seed, "new", "other")
        found.append(Segment(kind, name, searches, judged.ndcg("new"), judged.ndcg("other"), apart))
    return found


def _segments(examples: Examples, states: Mapping[int, str]) -> Iterator[tuple[str, str, Rows]]:
    for kind, feature in (
        ("level", "education_level"),
        ("wished_format", "format"),
        ("control", "control"),
        ("format", "format_fit"),
    ):
        codes = examples.codes[:, PLACES[feature]]
        for code, label in enumerate(FEATURES[PLACES[feature]].labels):
            yield kind, label, codes == code
    yield from _named("field", examples.cip)
    state = np.array([states.get(unitid, "") for unitid in examples.unitid.tolist()])
    yield from _named("state", state)
    remote = _remote(examples)
    yield "rural", "remote", remote
    yield "rural", "near a school", ~remote


def _named(kind: str, names: NDArray[np.str_]) -> Iterator[tuple[str, str, Rows]]:
    for name in np.unique(names).tolist():
        if name:
            yield kind, str(name), names == name


def _remote(examples: Examples) -> Rows:
    """Listings of searches where no school of a known place is near."""
    near = examples.codes[:, PLACES["distance"]] <= DISTANCE_EDGES.index(REMOTE_MILES)
    by_search = np.zeros(int(examples.query.max(initial=0)) + 1, bool)
    np.logical_or.at(by_search, examples.query, near)
    remote: Rows = ~by_search[examples.query]
    return remote
