"""Lengths as a student reads them: miles, and kilometres for who lives in Canada.

All that is computed, stored or asked for through the interface is in miles; only words differ.
"""

from enum import StrEnum

KM_PER_MILE = 1.609344
# How finely a place that is not exact is told.
_TENS = 10


class Unit(StrEnum):
    """What a student's distances are told in; the last part of such texts' keys."""

    MILES = "miles"
    KM = "km"


def unit_in(jurisdiction: str) -> Unit:
    """The unit that people use in a jurisdiction (ISO 3166, such as ``CA-ON``)."""
    return Unit.KM if jurisdiction.partition("-")[0] == "CA" else Unit.MILES


def whole(miles: float, unit: Unit, *, exact: bool = True) -> int:
    """Round a length to what is told of it.

    Args:
        miles: the length; of a place that is not exact, in tens of miles.
        unit: what it is told in.
        exact: whether the place is; of others only tens are known in either unit.

    Returns:
        Whole miles or kilometres.
    """
    if unit is Unit.MILES:
        return round(miles)
    length = miles * KM_PER_MILE
    return round(length) if exact else _TENS * round(length / _TENS)
