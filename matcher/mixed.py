"""The first page for who named no field: the order of scores, spread over fields.

A field's third listing waits until five stand, its fourth until the next page, where those passed
over come first. Only the first 500 in the order of scores are looked at: nothing is fetched from
far down, or far away, for variety's sake.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.score import Ranked
from models.domain.matching import PAGE_SIZE

LISTINGS_PER_SCHOOL = 2
LOOKED_AT = 500
# Of so many places at most so many are of one field.
_OF_ONE_FIELD = ((5, 2), (PAGE_SIZE, 3))
# Seldom is a page not full after so many.
_AT_FIRST = 128


def mixed_page(ranked: Ranked) -> list[int]:
    """Choose who stands on the first page, in order: as many as the rules leave, at most a page.

    What is not published waits for what is: only the first tier is looked at.
    """
    field = ranked.found.mixed
    if field is None:
        return []
    chosen = _choose(_ahead(ranked, field, _AT_FIRST))
    full = len(chosen) == PAGE_SIZE or ranked.count <= _AT_FIRST
    return chosen if full else _choose(_ahead(ranked, field, LOOKED_AT))


def _ahead(ranked: Ranked, field: NDArray[np.int16], count: int) -> Sequence[tuple[int, int, int]]:
    """The first in order, of one tier: candidate, school and field of each."""
    found = ranked.found
    ahead = ranked.first(count)[:count]
    if found.tier is not None and len(ahead):
        tiers = found.tier.take(ahead)
        ahead = ahead[: tiers.searchsorted(tiers[0], side="right")]
    fields = field.take(found.rows.take(ahead)).tolist()
    return list(zip(ahead.tolist(), found.school.take(ahead).tolist(), fields, strict=True))


def _choose(left: Sequence[tuple[int, int, int]]) -> list[int]:
    chosen: list[int] = []
    of_school: dict[int, int] = {}
    of_field: dict[int, int] = {}
    for places, most in _OF_ONE_FIELD:
        passed: list[tuple[int, int, int]] = []
        for place, one in enumerate(left):
            if len(chosen) == places:
                passed += left[place:]
                break
            candidate, school, field = one
            schools, fields = of_school.get(school, 0), of_field.get(field, 0)
            if schools == LISTINGS_PER_SCHOOL or fields == most:
                passed.append(one)
                continue
            of_school[school] = schools + 1
            of_field[field] = fields + 1
            chosen.append(candidate)
        left = passed
    return chosen
