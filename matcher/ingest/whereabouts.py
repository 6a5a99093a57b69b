"""Compares what a file says of a school's place with itself: state, postal code, coordinates.

Real files contradict themselves: a head office's ZIP in another state, a building that moved. What
contradicts is never used, because distances would be measured from it.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import isnan

import numpy as np

from matcher.geography import distance_miles, unit_vectors
from matcher.ingest.postal import PostalRow

# The middles of rural ZIPs lie up to 71 miles from the schools in them (the official file).
FAR_MILES = 100.0
# The north of some provinces is one code whose middle lies hundreds of miles from its towns.
_ANYWHERE_MILES = 600.0
# The package has the only code of the Marshall Islands on the wrong side of the date line.
_ENOUGH_CODES = 5
_NOWHERE_DEGREES = 1.0


class CodeMap:
    """Where the postal codes of each region are; without rows it knows of no contradiction."""

    def __init__(self, rows: Iterable[PostalRow] = ()) -> None:
        self._rows = {row.code: row for row in rows}
        points: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in self._rows.values():
            if not isnan(row.latitude):
                points[row.region].append((row.latitude, row.longitude))
        self._regions = {
            region: unit_vectors(*np.array(found).T)
            for region, found in points.items()
            if len(found) >= _ENOUGH_CODES
        }

    def region_of(self, code: str) -> str | None:
        """Tell which region a ZIP or the first three signs of a Canadian code belong to."""
        row = self._rows.get(code)
        return row.region if row else None

    def miles_from(self, code: str, latitude: float, longitude: float) -> float | None:
        """Measure from a code's middle; None where the list cannot say."""
        row = self._rows.get(code)
        if row is None or isnan(row.latitude) or row.region not in self._regions:
            return None
        middle = unit_vectors(row.latitude, row.longitude)
        return float(distance_miles(middle, unit_vectors(latitude, longitude)))

    def is_outside(self, region: str, latitude: float, longitude: float) -> bool:
        """Tell whether a point in degrees is far outside a region."""
        if region not in self._regions:
            return False
        point = unit_vectors(latitude, longitude)

        def nearest(name: str) -> float:
            return float(distance_miles(self._regions[name], point).min())

        miles = nearest(region)
        if not FAR_MILES < miles <= _ANYWHERE_MILES:
            return miles > FAR_MILES
        return any(nearest(other) <= FAR_MILES for other in self._regions if other != region)


def is_nowhere(latitude: float | None, longitude: float | None) -> bool:
    """Tell whether coordinates are how spreadsheets write "none": 0, 0."""
    return (
        latitude is not None
        and longitude is not None
        and max(abs(latitude), abs(longitude)) < _NOWHERE_DEGREES
    )
