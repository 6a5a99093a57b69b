"""What fields lead to: occupations with pay and outlook, as an imported file gives them.

They lie in the catalog as two columns of JSON texts, so that a page reads only what it shows. A
catalog that was built without such a file has neither, and nothing is said.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matcher.catalog import Catalog

SOURCE_KEY = "careers"


@dataclass(frozen=True, slots=True)
class CareerSource:
    """Who published the figures: ``outlook`` is the span of years that growth is projected for."""

    name: str
    release: str
    outlook: str
    licence: str


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation: ``wage`` is the median in USD a year, ``growth`` per cent over the outlook.

    ``openings`` are those projected a year, for everybody and not for one field alone. None: the
    file has no such figure. ``cips`` are the fields that lead to it.
    """

    soc: str
    title: str
    wage: float | None
    growth: float | None
    openings: float | None
    cips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Career:
    """What one field leads to; ``growth`` and ``openings`` are of its occupations together."""

    growth: float | None
    openings: float | None
    occupations: tuple[Occupation, ...]


def career_source(catalog: Catalog) -> CareerSource | None:
    """Tell where career figures come from; None: no file was imported."""
    rows = (row for row in catalog.manifest["sources"] if row["key"] == SOURCE_KEY)
    row = next(rows, None)
    if row is None:
        return None
    return CareerSource(row["name"], row["release"], row["outlook"], row["licence"])


def career_of(catalog: Catalog, field: int) -> Career | None:
    """Read what a field leads to.

    Args:
        catalog: with or without career figures.
        field: row of the field.
    """
    if field >= len(catalog.career) or not (text := catalog.career[field]):
        return None
    said = json.loads(text)
    found = tuple(occupation_at(catalog, row) for row in said["occupations"])
    return Career(said["growth"], said["openings"], found)


def occupation_of(catalog: Catalog, soc: str) -> Occupation | None:
    """Find an occupation by its SOC code, such as ``29-2072``."""
    count = len(catalog.occupation)
    row = bisect_left(range(count), soc, key=lambda row: _said(catalog, row)["soc"])
    found = occupation_at(catalog, row) if row < count else None
    return found if found and found.soc == soc else None


def occupation_at(catalog: Catalog, row: int) -> Occupation:
    """Read an occupation by its row."""
    said = _said(catalog, row)
    return Occupation(**{**said, "cips": tuple(said["cips"])})


def occupations(catalog: Catalog) -> Iterator[Occupation]:
    """Read every occupation, by code."""
    return (occupation_at(catalog, row) for row in range(len(catalog.occupation)))


def _said(catalog: Catalog, row: int) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(catalog.occupation[row])
    return said
