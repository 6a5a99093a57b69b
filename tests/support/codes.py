"""A few postal codes around the places that tests of imports speak of."""

from matcher.ingest.postal import PostalRow

_PLACES = {
    "NY": (("10940", 41.45, -74.42), ("10001", 40.75, -74.0), ("14201", 42.9, -78.88)),
    "CA": (("90012", 34.06, -118.24), ("94103", 37.77, -122.41), ("92101", 32.72, -117.17)),
    "ON": (("K1A", 45.42, -75.7), ("M5V", 43.64, -79.39), ("P3E", 46.47, -81.01)),
}
CODES = [
    PostalRow(code, region, latitude, longitude)
    for region, places in _PLACES.items()
    for code, latitude, longitude in places
] + [
    # A region is judged by five codes at least.
    PostalRow(f"{region}{number}", region, *_PLACES[region][number][1:])
    for region in _PLACES
    for number in range(2)
]
