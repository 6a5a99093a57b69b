"""How far to look, as a student chooses it: round miles, or round kilometres in Canada."""

from functools import lru_cache

from service.messages import text
from service.messages.lengths import Unit, whole

MOST_CHOICES = 256
# What can be chosen, in the whole miles that a search is asked with, and as it is told: the most
# miles within a round number of kilometres, so that no card tells more than what was asked for.
_TOLD = {
    Unit.MILES: {miles: miles for miles in (10, 25, 50, 100, 250)},
    Unit.KM: {15: 25, 31: 50, 62: 100, 124: 200, 248: 400},
}


@lru_cache(MOST_CHOICES)
def choices(language: str, unit: Unit, chosen: int = 0) -> tuple[tuple[int, str], ...]:
    """What can be chosen: miles, and what they are called.

    Args:
        language: the student's.
        unit: what distances are told in.
        chosen: miles in force, which may be none of ours (a link, the other country's): they are
            among the choices too, or the next press of a button would drop them; 0: none.
    """
    offered = sorted({*_TOLD[unit], chosen} - {0})
    return tuple((miles, within(language, miles, unit)) for miles in offered)


def within(language: str, miles: int, unit: Unit) -> str:
    """Say how far a search looks."""
    length = _TOLD[unit].get(miles) or whole(miles, unit)
    return text(language, f"results.refine.within.{unit}", n=length)
