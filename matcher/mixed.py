"""The first page for who named no field: the order of scores, spread over fields.

A field's third listing waits until five stand, its fourth until the next page, where those passed
over come first. Only the first 500 in the order of scores are looked at: nothing is fetched from
far down, or far away, for variety's sake.
"""

from collections import Counter

from matcher.score import Ranked
from models.domain.matching import PAGE_SIZE

LISTINGS_PER_SCHOOL = 2
LOOKED_AT = 500
# Of so many places at most so many are of one field.
_OF_ONE_FIELD = ((5, 2), (PAGE_SIZE, 3))


def mixed_page(ranked: Ranked) -> list[int]:
    """Choose who stands on the first page, in order: as many as the rules leave, at most a page.

    What is not published waits for what is: only the first tier is looked at.
    """
    column = ranked.found.mixed
    if column is None:
        return []
    ahead = ranked.first(LOOKED_AT)[:LOOKED_AT]
    if ranked.found.tier is not None and len(ahead):
        tiers = ranked.found.tier.take(ahead)
        ahead = ahead[: tiers.searchsorted(tiers[0], side="right")]
    fields = column.take(ranked.found.rows.take(ahead)).tolist()
    schools = ranked.found.school.take(ahead).tolist()
    left = list(zip(ahead.tolist(), schools, fields, strict=True))
    chosen: list[int] = []
    of_school: Counter[int] = Counter()
    of_field: Counter[int] = Counter()
    for places, most in _OF_ONE_FIELD:
        passed = []
        for place, one in enumerate(left):
            if len(chosen) == places:
                passed += left[place:]
                break
            candidate, school, field = one
            if of_school[school] == LISTINGS_PER_SCHOOL or of_field[field] == most:
                passed.append(one)
                continue
            of_school[school] += 1
            of_field[field] += 1
            chosen.append(candidate)
        left = passed
    return chosen
