"""The fields as pages show them: families under everyday headings, with their specialties."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from matcher.fieldarrays import Arrays, join_texts, split_texts
from models.domain.levels import CredentialLevel


@dataclass(frozen=True, slots=True)
class Specialty:
    """An everyday name inside a field, with the credential that people usually take for it."""

    name: str
    credential: CredentialLevel


@dataclass(frozen=True, slots=True)
class Family:
    """A CIP family as a student would call it.

    ``size`` tells how many people study it, from 0 (rare) to 5; it breaks ties between families
    that share a phrase.
    """

    cip: str
    name: str
    size: int
    specialties: tuple[Specialty, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Families of one two-digit CIP series under an everyday heading."""

    code: str
    name: str
    families: tuple[Family, ...]


def lay_out_series(series: Sequence[Series]) -> Arrays:
    """Lay series out as arrays, each list end to end with how many belong to each owner."""
    families = [family for one in series for family in one.families]
    specialties = [specialty for family in families for specialty in family.specialties]
    return {
        "series_codes": join_texts(one.code for one in series),
        "series_names": join_texts(one.name for one in series),
        "series_families": np.array([len(one.families) for one in series], np.uint16),
        "cips": join_texts(family.cip for family in families),
        "names": join_texts(family.name for family in families),
        "sizes": np.array([family.size for family in families], np.uint8),
        "family_specialties": np.array([len(family.specialties) for family in families], np.uint8),
        "specialty_names": join_texts(specialty.name for specialty in specialties),
        "specialty_credentials": join_texts(specialty.credential for specialty in specialties),
    }


def series_of(arrays: Arrays) -> tuple[Series, ...]:
    """Read what ``lay_out_series`` laid out, in the same order."""
    families = _families_of(arrays)
    codes, names = (split_texts(arrays[f"series_{key}"]) for key in ("codes", "names"))
    counts = arrays["series_families"].tolist()
    return tuple(
        Series(code, name, tuple(islice(families, count)))
        for code, name, count in zip(codes, names, counts, strict=True)
    )


def _families_of(arrays: Arrays) -> Iterator[Family]:
    names = split_texts(arrays["specialty_names"])
    credentials = map(CredentialLevel, split_texts(arrays["specialty_credentials"]))
    specialties = map(Specialty, names, credentials)
    rows = zip(
        split_texts(arrays["cips"]),
        split_texts(arrays["names"]),
        arrays["sizes"].tolist(),
        arrays["family_specialties"].tolist(),
        strict=True,
    )
    for cip, name, size, count in rows:
        yield Family(cip, name, size, tuple(islice(specialties, count)))
