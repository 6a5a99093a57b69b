"""Every word a visitor reads, by locale and key; see README.md in this folder.

A catalogue is a folder of TOML files named by locale. A key is the path to a text:
``start.title`` is ``title`` in the table ``[start]``. A text that counts is a table of plural
forms (``one``, ``other``), chosen by the value called ``n``.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from matcher.regions import REGIONS
from models.domain.matching import Note

DEFAULT_LOCALE = "en"
LOCALES: Mapping[str, str] = {"en": "English"}

# Notes whose words are kept: a reason is said of hundreds of programs in the same words.
MOST_NOTES = 4096
_PLURAL_FORMS = frozenset({"one", "other"})
Entry = str | Mapping[str, str]


class MissingTextError(KeyError):
    """No catalogue holds a text under that key."""


def text(locale: str, key: str, **values: str | float) -> str:
    """Say something in a visitor's language, or in English where that language is silent.

    Args:
        locale: such as ``en``.
        key: such as ``start.title``.
        values: what the text's ``{names}`` stand for; whole numbers get thousands separators.

    Raises:
        MissingTextError: when not even English has the key.
    """
    if not values:
        return _without_values(locale, key)
    entry = _entry(locale, key)
    if not isinstance(entry, str):
        entry = entry[plural_form(locale, values.get("n"))]
    return entry.format_map({name: write(value) for name, value in values.items()})


@cache
def _without_values(locale: str, key: str) -> str:
    """Most of what a page says; only what is in a catalogue is ever remembered."""
    entry = _entry(locale, key)
    return (entry if isinstance(entry, str) else entry[plural_form(locale, None)]).format_map({})


@cache
def _entry(locale: str, key: str) -> Entry:
    entry = catalogue(locale).get(key) or catalogue(DEFAULT_LOCALE).get(key)
    if entry is None:
        raise MissingTextError(key)
    return entry


def note(locale: str, kind: str, said: Note) -> str:
    """Say a reason, warning, badge or piece of advice.

    Args:
        locale: such as ``en``.
        kind: ``reason``, ``warning``, ``badge`` or ``advice``.
        said: the note; its code and values name the text.
    """
    return _note(locale, kind, said.code, tuple(said.values.items()))


def note_afresh(
    locale: str, kind: str, code: str, values: Iterable[tuple[str, str | float]]
) -> str:
    """Say a note for who keeps the words in another form."""
    said = {name: spoken(locale, name, value) for name, value in values}
    return text(locale, f"{kind}.{code}", **said)


_note = lru_cache(MOST_NOTES)(note_afresh)


def spoken(locale: str, name: str, value: str | float) -> str | float:
    """Say a value of a note: codes as words, miles as whole ones."""
    match name:
        case "state" | "region":
            region = REGIONS.get(str(value))
            return region.name if region else text(locale, "site.country")
        case "education_level":
            return text(locale, f"education_level.{value}.label")
        case "credential_level" | "format" | "filter":
            return text(locale, f"{name}.{value}")
        case "miles":
            miles = round(float(value))
            key = "results.distance.miles" if miles else "results.distance.near"
            return text(locale, key, n=miles)
        case _:
            return value


def has(locale: str, key: str) -> bool:
    """Tell whether there is such a text."""
    return key in catalogue(locale) or key in catalogue(DEFAULT_LOCALE)


def plural_form(locale: str, count: object) -> str:
    """Choose a plural form by the rules of Unicode CLDR for whole numbers."""
    singular = {0, 1} if locale == "fr" else {1}
    return "one" if count in singular else "other"


def write(value: str | float) -> str:
    """Write a value into a text: ``220960`` as ``220,960``."""
    if isinstance(value, str):
        return value
    whole = int(value)
    return f"{whole:,}" if whole == value else f"{value:,.1f}"


@cache
def catalogue(locale: str) -> Mapping[str, Entry]:
    """All texts of a locale by key; empty for a locale we do not have."""
    if locale not in LOCALES:
        return {}
    texts: dict[str, Entry] = {}
    for part in sorted(files(__name__).joinpath(locale).iterdir(), key=lambda file: file.name):
        if part.name.endswith(".toml"):
            _flatten(tomllib.loads(part.read_text("utf-8")), "", texts)
    return texts


def _flatten(table: Mapping[str, Any], path: str, into: dict[str, Entry]) -> None:
    for name, value in table.items():
        key = f"{path}{name}"
        if isinstance(value, str) or value.keys() == _PLURAL_FORMS:
            if key in into:
                raise ValueError(f"{key} stands in two files")
            into[key] = value
        else:
            _flatten(value, f"{key}.", into)
