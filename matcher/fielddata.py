"""The packaged words of every field: ``matcher/data/fields/*.toml``, one file a CIP series.

The shape of these files is described in ``matcher/data/fields/README.md``.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

from models.domain.levels import CredentialLevel

WEAK = "~"  # before a phrase that only hints at its field
_SERIES_FILE = re.compile(r"[0-9]{2}\.toml")
_PHRASES = ("also", "jobs", "es", "fr")


class Phrase(NamedTuple):
    """Words that name a field or, with ``specialty``, one specialty of it.

    A tuple, because there are many thousands and the index must load quickly.
    """

    text: str
    weak: bool
    specialty: int  # place among the family's specialties, -1 for the family itself


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
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Families of one two-digit CIP series under an everyday heading."""

    code: str
    name: str
    families: tuple[Family, ...]


def read_series() -> tuple[Series, ...]:
    """Read all packaged series, by code."""
    folder = files("matcher") / "data" / "fields"
    names = sorted(entry.name for entry in folder.iterdir() if _SERIES_FILE.fullmatch(entry.name))
    return tuple(
        _series(name.removesuffix(".toml"), tomllib.loads((folder / name).read_text("utf-8")))
        for name in names
    )


def read_talk() -> tuple[str, ...]:
    """Read what people type that is about no field."""
    text = (files("matcher") / "data" / "fieldtalk.toml").read_text("utf-8")
    return tuple(phrase for listed in tomllib.loads(text).values() for phrase in split(listed))


def split(listed: str) -> list[str]:
    """Split a comma-separated list of phrases as the data files write it."""
    return [phrase for part in listed.split(",") if (phrase := " ".join(part.split()))]


def _series(code: str, table: dict[str, Any]) -> Series:
    families = tuple(_family(cip, row) for cip, row in table.items() if cip != "series")
    return Series(code, table["series"], families)


def _family(cip: str, row: dict[str, Any]) -> Family:
    phrases = [_phrase(row["name"], -1)]
    for key in _PHRASES:
        phrases += [_phrase(text, -1) for text in split(row.get(key, ""))]
    specialties = []
    for place, inner in enumerate(row.get("specialties", ())):
        specialties.append(Specialty(inner["name"], CredentialLevel(inner["credential"])))
        phrases.append(_phrase(inner["name"], place))
        phrases += [_phrase(text, place) for text in split(inner.get("also", ""))]
    return Family(cip, row["name"], row.get("size", 1), tuple(specialties), tuple(phrases))


def _phrase(text: str, specialty: int) -> Phrase:
    return Phrase(text.removeprefix(WEAK), text.startswith(WEAK), specialty)
