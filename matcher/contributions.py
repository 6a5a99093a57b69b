"""Takes scores apart: what each feature of a listing adds, against its neutral code.

Whole numbers from the same tables that scores come from, so they replay exactly. A ranker's trees
may weigh features together; then these numbers need not add up to the score, and still say what
would be lost if that one thing were nothing special.
"""

from collections.abc import Mapping

from matcher.features.declared import CROSS, PROGRAM
from matcher.registry import Scores


def contributions(scores: Scores, request: int, row: int, cross: int) -> Mapping[str, int]:
    """What each program and cross feature adds, by name.

    Args:
        scores: the tables.
        request: row of the request in them.
        row: the program's row in the catalog.
        cross: the listing's packed cross codes.
    """
    own = scores.contribution[request, scores.combination[row]].tolist()
    added = {feature.name: value for feature, value in zip(PROGRAM, own, strict=True)}
    table = scores.cross[request]
    weight = 1
    for feature in reversed(CROSS):
        code = cross // weight % feature.size
        neutral = cross + (feature.neutral - code) * weight
        added[feature.name] = int(table[cross]) - int(table[neutral])
        weight *= feature.size
    return added
