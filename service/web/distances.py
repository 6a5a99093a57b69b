"""How far to look, as a student chooses it: round miles, or round kilometres in Canada."""

from functools import cache

from service.messages import text
from service.messages.lengths import Unit, whole

# What can be chosen, in the whole miles that a search is asked with, and as it is told. A round
# number of kilometres is never half a mile from those miles.
_TOLD = {
    Unit.MILES: {miles: miles for miles in (10, 25, 50, 100, 250)},
    Unit.KM: {16: 25, 31: 50, 62: 100, 124: 200, 249: 400},
}


@cache
def choices(language: str, unit: Unit) -> tuple[tuple[int, str], ...]:
    """What can be chosen: miles, and what they are called."""
    return tuple((miles, within(language, miles, unit)) for miles in _TOLD[unit])


def within(language: str, miles: int, unit: Unit) -> str:
    """Say how far a search looks."""
    length = _TOLD[unit].get(miles) or whole(miles, unit)
    return text(language, f"results.refine.within.{unit}", n=length)
