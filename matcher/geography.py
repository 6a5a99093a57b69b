"""Postal codes, places and distances.

What people type is made normal first (NFKC: full-width digits and odd spaces become plain ones)
and then matched with ``[0-9]``: other scripts' digits are not understood by any list of codes, so
they get the message that shows what to type instead of a silent guess.

Distances are great circles between unit vectors. They go through the chord, because the cosine
loses all digits between near places, and on a sphere of the radius that keeps every pair of places
in North America and the territories within 0.49 % of the geodesic on WGS 84: between the smallest
radius of curvature there (6,336 km, north-south at 7° N) and the largest (6,398 km, at 72° N).
"""

import math
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.catalog import map_array
from matcher.regions import REGION_CODES, REGIONS
from models.domain.errors import InvalidInputError
from models.domain.matching import PlacePrecision
from models.domain.place import Place, PostalCode

__all__ = [
    "EARTH_RADIUS_MILES",
    "POSTAL_CODE_MESSAGE",
    "REGIONS",
    "Places",
    "distance_miles",
    "open_places",
    "read_postal_code",
    "region_place",
    "unit_vectors",
    "unknown_postal_code",
]

EARTH_RADIUS_MILES = 6367 / 1.609344
POSTAL_CODE_MESSAGE = "Enter a US ZIP code, like 30332, or a Canadian postal code, like K1A 0B1"

# Longer than any code with spaces around it; NFKC of 100 KB is never worth doing.
_LONGEST = 40
# Room for a code as a number: none has more letters.
_CODE_BYTES = 8
_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")
# Letters Canada Post uses: no D, F, I, O, Q, U; W and Z never first.
_CANADIAN = re.compile(
    r"([ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z])(?:[ -]?([0-9][ABCEGHJ-NPRSTV-Z][0-9]))?"
)
# Hyphens, dashes and the minus sign that word processors put for "-".
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


def read_postal_code(text: str) -> PostalCode:
    """Make what was typed normal: ``k1a 0b1`` is ``K1A0B1``, ``10940-1234`` is ``10940``.

    Raises:
        InvalidInputError: when it is neither a ZIP nor a Canadian code, with what to type.
    """
    if len(text) <= _LONGEST:
        plain = text
        if not text.isascii():
            plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
        plain = " ".join(plain.split()).upper()
        if zip_code := _ZIP.fullmatch(plain):
            return PostalCode(zip_code[1], "US")
        if canadian := _CANADIAN.fullmatch(plain):
            return PostalCode(canadian[1] + (canadian[2] or ""), "CA")
    raise InvalidInputError({"postal_code": [POSTAL_CODE_MESSAGE]})


def unknown_postal_code(code: PostalCode) -> InvalidInputError:
    """The error for a code in the right form that no list has."""
    message = f"We cannot find {code.shown}. Check it, or choose your state or province"
    return InvalidInputError({"postal_code": [message]})


def region_place(code: str) -> Place:
    """The place of somebody who chose a state or province: a region, no point.

    Raises:
        InvalidInputError: when there is no such region.
    """
    region = REGIONS.get(code)
    if region is None:
        raise InvalidInputError({"region": ["Choose a state or province from the list"]})
    return Place(None, None, None, region.code, region.country, PlacePrecision.STATE)


@dataclass(frozen=True, slots=True)
class Places:
    """The postal codes of one catalog, memory-mapped.

    ``code`` bytes (n,) sorted; ``region`` int16 (n,) rows of ``matcher.regions``; ``point`` degrees
    float64 (n, 2) and ``xyz`` unit vectors float64 (n, 3), NaN where a code has no coordinates.
    ``middle`` unit vectors float32 (R, 3): where the codes of each region lie on average, NaN where
    none has coordinates.
    """

    code: NDArray[np.bytes_]
    region: NDArray[np.int16]
    point: NDArray[np.float64]
    xyz: NDArray[np.float64]
    regions: tuple[str, ...] = REGION_CODES
    middle: NDArray[np.float32] = field(init=False)
    _numbers: "memoryview[int]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute what follows from the codes."""
        object.__setattr__(self, "middle", _middles(self.region, self.xyz, len(self.regions)))
        object.__setattr__(self, "_numbers", _as_numbers(self.code))

    def find(self, code: PostalCode) -> Place | None:
        """Find a code's place: a ZIP's centroid, or that of a Canadian code's first three signs."""
        wanted = _as_number(code.text if code.country == "US" else code.text[:3])
        # Among plain numbers Python finds one in a third of the time that numpy takes among texts.
        row = bisect_left(self._numbers, wanted)
        if row == len(self._numbers) or self._numbers[row] != wanted:
            return None
        region = self.regions[self.region.item(row)]
        country = REGIONS[region].country
        latitude, longitude = self.point[row].tolist()
        if math.isnan(latitude):
            return Place(None, None, None, region, country, PlacePrecision.STATE)
        x, y, z = self.xyz[row].tolist()
        return Place(latitude, longitude, (x, y, z), region, country, PlacePrecision.CITY)

    def __len__(self) -> int:
        """Count the codes."""
        return len(self.code)


def open_places(catalog_path: Path) -> Places:
    """Map the postal codes that a catalog carries.

    Raises:
        FileNotFoundError: when the folder is not a whole snapshot.
    """
    columns: list[Any] = [
        map_array(catalog_path / f"postal_{name}.npy")
        for name in ("code", "region", "point", "xyz")
    ]
    return Places(*columns)


def _as_number(code: str) -> int:
    """Write a code as a number that orders as the code does."""
    return int.from_bytes(code.encode().ljust(_CODE_BYTES, b"\0"), "big")


def _as_numbers(codes: NDArray[np.bytes_]) -> "memoryview[int]":
    wide = np.asarray(codes, f"S{_CODE_BYTES}")
    return np.ascontiguousarray(wide.view(">u8").astype(np.uint64)).data


def _middles(
    region: NDArray[np.int16], xyz: NDArray[np.float64], regions: int
) -> NDArray[np.float32]:
    placed = ~np.isnan(xyz[:, 0])
    rows = region[placed]
    sums = [np.bincount(rows, xyz[placed, axis], minlength=regions) for axis in range(3)]
    total = np.stack(sums, axis=1)
    length = np.sqrt((total * total).sum(axis=1, keepdims=True))
    length[length == 0] = np.nan
    middles: NDArray[np.float32] = (total / length).astype(np.float32)
    return middles


def unit_vectors(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Turn degrees, each shape (...,), into unit vectors, shape (..., 3); NaN stays NaN.

    Rounded to 12 decimals (a micrometre), so that machines whose sines differ in the last bit
    write the same files.
    """
    phi, lam = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    parts = (np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi))
    rounded: NDArray[np.float64] = np.round(np.stack(parts, axis=-1), 12) + 0.0
    return rounded


def distance_miles(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Great-circle miles between unit vectors, shapes (..., 3) broadcast; NaN stays NaN."""
    apart = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    half_chord = np.sqrt((apart * apart).sum(axis=-1)) / 2
    miles: NDArray[np.float64] = 2 * EARTH_RADIUS_MILES * np.arcsin(np.minimum(half_chord, 1.0))
    return miles
