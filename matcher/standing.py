"""Which listings are of one standing: those that chance may let change places.

Of one standing are listings with the same credential, earnings warning, report of no graduates,
misfit of format and certainty, the same bin of distance to the state, a day's drive away or not,
in a state that is not known to be near the same state, and the same field for who named none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.contributions import Breakdown
from matcher.features.declared import (
    CROSS,
    DISTANCE_EDGES,
    FORMAT_DIFFERS,
    PROGRAM,
    SAME_STATE,
)
from matcher.score import Ranked

# Codes of features, by name.
Codes = Mapping[str, NDArray[np.uint8]]
_LABELS = {feature.name: feature.labels for feature in PROGRAM}
# A drive of a day: what rules of relevance call near.
_DAYS_DRIVE = 250.0


@dataclass(frozen=True, slots=True)
class Standings:
    """What may not change places, as tables: who may is of one standing.

    ``program`` int64 (programs,): what is the program's own, its school's state and its field.
    ``fit`` and ``counts`` int64 by packed cross code: what is of the meeting with the student, and
    which of the first counts: the state where another one is not known to be near.
    """

    program: NDArray[np.int64]
    fit: NDArray[np.int64]
    counts: NDArray[np.int64]

    def of(
        self, ranked: Ranked, candidates: Sequence[int], *, field_named: bool
    ) -> NDArray[np.int64]:
        """The standings of candidates, shape (n,); who named no field keeps fields apart."""
        at, found = np.array(candidates, np.int64), ranked.found
        cross = ranked.cross.take(at)
        standing = self.program.take(found.rows.take(at))
        standing &= self.counts.take(cross)
        if field_named:
            standing &= _BELOW_FIELD
        standing += self.fit.take(cross)
        if found.tier is not None:
            standing += found.tier.take(at).astype(np.int64) << _TIER
        return standing


# Where the parts of a standing begin; the program's own is at 0.
_FIT, _STATE, _TIER, _FIELD = 8, 20, 28, 32
_BELOW_FIELD = (1 << _FIELD) - 1
_WITHOUT_STATE = ~(0xFF << _STATE)


def standings(catalog: Catalog, breakdown: Breakdown) -> Standings:
    """Make the tables of an engine."""
    own = {f.name: breakdown.program_codes[:, at] for at, f in enumerate(PROGRAM)}
    fits = {f.name: breakdown.cross_codes[:, at] for at, f in enumerate(CROSS)}
    # An unknown state is -1.
    state = catalog.region.take(catalog.school).astype(np.int64) + 1
    return Standings(
        program=own_standing(own).take(breakdown.combination)
        + (state << _STATE)
        + (catalog.field.astype(np.int64) << _FIELD),
        fit=fit_standing(fits),
        counts=np.where(is_elsewhere(fits), -1, _WITHOUT_STATE),
    )


def own_standing(codes: Codes) -> NDArray[np.int64]:
    """What of a program's own may not change places: credential, warning, no graduates."""
    warned = codes["verdict"] == _LABELS["verdict"].index("below")
    no_graduates = codes["completers"] == _LABELS["completers"].index("none")
    return _packed((codes["credential"], 16), (warned, 2), (no_graduates, 2))


def fit_standing(codes: Codes) -> NDArray[np.int64]:
    """What of the meeting with the student may not: how far the state and the place, the format."""
    differs = codes["format_fit"] == FORMAT_DIFFERS
    return _packed((codes["state"], 16), (_is_far(codes), 2), (differs, 2)) << _FIT


def is_elsewhere(codes: Codes) -> NDArray[np.bool_]:
    """Where it is in another state and not known to be near."""
    elsewhere: NDArray[np.bool_] = _is_far(codes) & (codes["state"] != SAME_STATE)
    return elsewhere


def _is_far(codes: Codes) -> NDArray[np.bool_]:
    return codes["distance"] > DISTANCE_EDGES.index(_DAYS_DRIVE)


def _packed(*parts: tuple[NDArray[np.generic], int]) -> NDArray[np.int64]:
    packed = np.zeros(len(parts[0][0]), np.int64)
    for codes, size in parts:
        packed = packed * size + codes.astype(np.int64)
    return packed
