"""Which states share a border: campaigns of the demonstration want students of their own region.

Borders on land or across a river or lake that both states reach into; corners that only touch
(Arizona and Colorado, New Mexico and Utah) are none. Alaska, Hawaii and the territories have no
neighbours.
"""

from collections.abc import Mapping

# Each border once, under the state that comes first in the alphabet.
_BORDERS: Mapping[str, str] = {
    "AL": "FL GA MS TN",
    "AR": "LA MO MS OK TN TX",
    "AZ": "CA NM NV UT",
    "CA": "NV OR",
    "CO": "KS NE NM OK UT WY",
    "CT": "MA NY RI",
    "DC": "MD VA",
    "DE": "MD NJ PA",
    "FL": "GA",
    "GA": "NC SC TN",
    "IA": "IL MN MO NE SD WI",
    "ID": "MT NV OR UT WA WY",
    "IL": "IN KY MO WI",
    "IN": "KY MI OH",
    "KS": "MO NE OK",
    "KY": "MO OH TN VA WV",
    "LA": "MS TX",
    "MA": "NH NY RI VT",
    "MD": "PA VA WV",
    "ME": "NH",
    "MI": "OH WI",
    "MN": "ND SD WI",
    "MO": "NE OK TN",
    "MS": "TN",
    "MT": "ND SD WY",
    "NC": "SC TN VA",
    "ND": "SD",
    "NE": "SD WY",
    "NH": "VT",
    "NJ": "NY PA",
    "NM": "OK TX",
    "NV": "OR UT",
    "NY": "PA VT",
    "OH": "PA WV",
    "OK": "TX",
    "OR": "WA",
    "PA": "WV",
    "SD": "WY",
    "TN": "VA",
    "UT": "WY",
    "VA": "WV",
}


def region_around(state: str) -> tuple[str, ...]:
    """Return a state and every state that borders on it, sorted."""
    after = _BORDERS.get(state, "").split()
    before = [first for first, others in _BORDERS.items() if state in others.split()]
    return tuple(sorted({state, *after, *before}))
