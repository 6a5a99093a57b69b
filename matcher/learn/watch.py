"""Whether what a champion serves is still what it was judged on.

Five questions, each with one figure and one limit: do students come as they came when it was
fitted; do listings, in the order that is its own, come as when it began to serve; is asked for as
often as when it was judged; do its chances come true; does payment take from the order. A figure
that chance may have made is no alarm; with few searches there is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np

from matcher.chances import ChanceForests
from matcher.features.declared import REQUEST
from matcher.learn.drift import code_counts, drift
from matcher.steering import STEERING_BOUND
from models.domain.matching import PAGE_SIZE
from models.domain.watch import ServedListing, WatchFigure

LEAST_SEARCHES = 100
# Of listings, at either end of its time; twenty of a search come together.
LEAST_AT_EITHER_END = 300
# By the usual reading of PSI: above it is another population.
MOST_DRIFT = 0.25
# Requests may be this many times what was expected, or one of this many parts of it.
MOST_APART = 1.5
# Standard errors; requests of a search come together, so each counts for half of one.
_SURE, _TOGETHER = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class SinceServing:
    """What came since a champion serves: listings in organic places that were on screens.

    ``newest`` of the newest searches, ``first`` of the first ones; ``slates`` how many were drawn,
    ``steering`` their mean steering index.
    """

    newest: Sequence[ServedListing]
    first: Sequence[ServedListing]
    slates: int
    steering: float


def watch_champion(
    card: Mapping[str, Any], chances: ChanceForests | None, since: SinceServing
) -> tuple[WatchFigure, ...]:
    """Hold what was served against what the champion was judged on.

    Args:
        card: the champion's.
        chances: its chances; None where its files are not here, and nothing is said of them.
        since: what came since it serves.
    """
    enough = _searches(since.newest) >= LEAST_SEARCHES
    newest = since.newest if enough else ()
    return (
        _students(card, newest),
        _listings(since),
        _requests(card, newest),
        _calibration(card, chances, newest),
        _steering(since),
    )


def _students(card: Mapping[str, Any], newest: Sequence[ServedListing]) -> WatchFigure:
    """What students ask for, beside those whom it was fitted to."""
    before = card.get("codes_fitted") or {}
    names = [feature.name for feature in REQUEST if feature.name in before]
    if not newest or not names:
        return _untold("students", MOST_DRIFT)
    moved = drift({name: before[name] for name in names}, _counts(newest))
    return _most_moved("students", {name: moved[name] for name in names if name in moved})


def _listings(since: SinceServing) -> WatchFigure:
    """What listings are like, beside the champion's own first: another order shows others."""
    ends = (since.first, since.newest)
    if min(_searches(end) for end in ends) < LEAST_AT_EITHER_END:
        return _untold("listings", MOST_DRIFT)
    moved = drift(*(_counts(end) for end in ends))
    students = {feature.name for feature in REQUEST}
    return _most_moved(
        "listings", {name: psi for name, psi in moved.items() if name not in students}
    )


def _most_moved(name: str, moved: Mapping[str, float]) -> WatchFigure:
    feature, most = max(moved.items(), key=lambda pair: pair[1])
    return WatchFigure(name, most, 0.0, MOST_DRIFT, most > MOST_DRIFT, feature)


def _steering(since: SinceServing) -> WatchFigure:
    value = since.steering if since.slates else None
    alarm = since.steering > STEERING_BOUND
    return WatchFigure("steering", value, None, STEERING_BOUND, alarm)


def _counts(served: Sequence[ServedListing]) -> dict[str, list[int]]:
    return code_counts(np.array([each.codes for each in served], np.uint8))


def _searches(served: Sequence[ServedListing]) -> int:
    return len({each.search for each in served})


def _untold(name: str, limit: float) -> WatchFigure:
    return WatchFigure(name, None, None, limit, alarm=False)


def _requests(card: Mapping[str, Any], served: Sequence[ServedListing]) -> WatchFigure:
    """Requests for each listing seen that could be asked, beside those of the judging searches."""
    judged = (card.get("metrics") or {}).get("reliability") or {}
    asked = [each.requested for each in served if each.could_ask]
    if not asked or not judged.get("base_rate"):
        return _untold("requests", MOST_APART)
    base = float(judged["base_rate"])
    found, expected = float(sum(asked)), base * len(asked)
    alarm = _apart(found, expected, base * float(judged["listings"]))
    return WatchFigure("requests", found / len(asked), base, MOST_APART, alarm)


def _calibration(
    card: Mapping[str, Any], chances: ChanceForests | None, served: Sequence[ServedListing]
) -> WatchFigure:
    """Requests that came for each that the champion's chances said would."""
    attention = card.get("attention")
    could = [each for each in served if each.could_ask]
    if not attention or not could or chances is None:
        return _untold("calibration", MOST_APART)
    looked = np.array([*attention["places_with_impressions"], *attention["places_without"]])
    first = chances.chances(np.array([each.codes for each in could], np.uint8)).asked
    place = np.array([each.place + (0 if each.told else PAGE_SIZE) for each in could])
    expected = float((first * looked[place]).sum())
    found = float(sum(each.requested for each in could))
    # Half of what was judged or less was held out to make the chances true.
    alarm = _apart(found, expected, expected)
    ratio = found / expected if expected else None
    return WatchFigure("calibration", ratio, 1.0, MOST_APART, alarm)


def _apart(found: float, expected: float, behind: float) -> bool:
    """Whether two counts are surely further apart than ``MOST_APART`` allows.

    Args:
        found: what came.
        expected: what should have come.
        behind: the count that the expectation rests on.
    """
    ratio = log(max(found, 0.5) / max(expected, 0.5))
    error = sqrt(_TOGETHER * (1 / max(found, 0.5) + 1 / max(behind, 0.5)))
    return abs(ratio) > max(log(MOST_APART), _SURE * error)
