"""The packaged words of every field: ``matcher/data/fields/*.toml``, one file a CIP series.

The shape of these files is described in ``matcher/data/fields/README.md``.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from matcher.fielddata import Family, Series, Specialty
from models.domain.levels import CredentialLevel

DATA = Path(__file__).parents[1] / "data"
WEAK = "~"  # before a phrase that only hints at its field
_SERIES_FILES = "[0-9][0-9].toml"
_LISTS = ("also", "jobs", "es", "fr")


class Phrase(NamedTuple):
    """Words that name a field or, with ``specialty``, one specialty of it."""

    text: str
    weak: bool
    specialty: int  # place among the family's specialties, -1 for the family itself


@dataclass(frozen=True, slots=True)
class Texts:
    """What is learned from.

    ``phrases`` of each family in the order of ``series``, its plain name first; ``talk`` that is
    about no field; ``digest`` of the files that all of it, and how words are read, comes from.
    """

    series: tuple[Series, ...]
    phrases: tuple[tuple[Phrase, ...], ...]
    talk: tuple[str, ...]
    digest: str


def read_texts(folder: Path = DATA) -> Texts:
    """Read the packaged words of fields, by code, and talk."""
    series, phrases = [], []
    for path in sorted((folder / "fields").glob(_SERIES_FILES)):
        table = tomllib.loads(path.read_text("utf-8"))
        name = table.pop("series")
        families = tuple(_family(cip, row) for cip, row in table.items())
        series.append(Series(path.stem, name, families))
        phrases += [tuple(_phrases(row)) for row in table.values()]
    listed = tomllib.loads((folder / "fieldtalk.toml").read_text("utf-8")).values()
    talk = tuple(text for texts in listed for text in split(texts))
    return Texts(tuple(series), tuple(phrases), talk, _digest(folder))


def split(listed: str) -> list[str]:
    """Split a comma-separated list of phrases as the data files write it."""
    return [phrase for part in listed.split(",") if (phrase := " ".join(part.split()))]


def _family(cip: str, row: dict[str, Any]) -> Family:
    specialties = tuple(
        Specialty(inner["name"], CredentialLevel(inner["credential"]))
        for inner in row.get("specialties", ())
    )
    return Family(cip, row["name"], row.get("size", 1), specialties)


def _phrases(row: dict[str, Any]) -> Iterator[Phrase]:
    yield _phrase(row["name"], -1)
    for key in _LISTS:
        for text in split(row.get(key, "")):
            yield _phrase(text, -1)
    for place, inner in enumerate(row.get("specialties", ())):
        yield _phrase(inner["name"], place)
        for text in split(inner.get("also", "")):
            yield _phrase(text, place)


def _phrase(text: str, specialty: int) -> Phrase:
    return Phrase(text.removeprefix(WEAK), text.startswith(WEAK), specialty)


def _digest(folder: Path) -> str:
    """Hash all files of words, those of grammar and of other languages too."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n{path.read_text('utf-8')}".encode())
    return digest.hexdigest()
