"""Reads postal codes of the US and Canada into arrays that ``matcher.geography`` opens.

A code whose source has no coordinates (military mail, some buildings) keeps its region and gets
NaN: nearest-point guesses would be shown as distances.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import zipcodes
from numpy.typing import NDArray
from pypostalcode.settings import db_location

from matcher.geography import unit_vectors
from matcher.regions import REGION_ROWS, REGIONS

# The source's names for provinces differ from the official ones twice.
_PROVINCES = {region.name: code for code, region in REGIONS.items() if region.country == "CA"} | {
    "Nunavut Territory": "NU",
    "Northwest Territory": "NT",
}


@dataclass(frozen=True, slots=True)
class PostalRow:
    """One postal code; ``latitude`` and ``longitude`` are NaN together."""

    code: str
    region: str
    latitude: float
    longitude: float


def us_zip_codes() -> list[dict[str, Any]]:
    """All US ZIP codes as the ``zipcodes`` package lists them."""
    rows: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]  # its own
    return rows


def read_postal_rows(us: list[dict[str, Any]]) -> list[PostalRow]:
    """Read both countries' codes, sorted: ZIPs (``10940``) and FSAs (``K1A``)."""
    rows = [
        _row(row["zip_code"], row["state"], float(row["lat"]), float(row["long"])) for row in us
    ]
    connection = sqlite3.connect(f"file:{db_location}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT fsa, province, latitude, longitude FROM PostalCodes")
        rows += [_row(fsa, _PROVINCES[name], lat, lon) for fsa, name, lat, lon in found]
    finally:
        connection.close()
    return sorted(rows, key=lambda row: row.code)


def postal_arrays(rows: list[PostalRow]) -> dict[str, NDArray[Any]]:
    """Lay the codes out: sorted ``code`` bytes, ``region`` rows, ``point`` degrees, ``xyz``."""
    point = np.array([(row.latitude, row.longitude) for row in rows], np.float64)
    return {
        "postal_code": np.array([row.code.encode() for row in rows], "S5"),
        "postal_region": np.array([REGION_ROWS[row.region] for row in rows], np.int16),
        "postal_point": point,
        "postal_xyz": unit_vectors(point[:, 0], point[:, 1]),
    }


def postal_origins(rows: list[PostalRow]) -> dict[str, dict[str, str]]:
    """Tell which packages the codes come from, with a hash of what was read."""
    origins = {}
    for package, length in (("zipcodes", 5), ("pypostalcode", 3)):
        lines = [repr(row) for row in rows if len(row.code) == length]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        origins[package] = {"version": metadata.version(package), "sha256": digest}
    return origins


def _row(code: str, region: str, latitude: float, longitude: float) -> PostalRow:
    # (0, 0) is how one source writes "nowhere", (90, 0) the other.
    if latitude == 0 or (latitude == 90 and longitude == 0):
        return PostalRow(code, region, np.nan, np.nan)
    return PostalRow(code, region, latitude, longitude)
