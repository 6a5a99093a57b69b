"""Every word a visitor reads, by locale and key; see README.md in this folder.

A catalogue is a folder of TOML files named by locale. A key is the path to a text:
``start.title`` is ``title`` in the table ``[start]``. A text that counts is a table of plural
forms (``one``, ``other``), chosen by the value called ``n``.
"""

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from matcher.regions import REGIONS
from models.domain.matching import Note
from service.messages.formats import DEFAULT_LOCALE, plural_form, write
from service.messages.lengths import Unit, whole
from service.messages.names import region_name

# Every language with its own name.
LOCALES: Mapping[str, str] = {"en": "English", "es": "Español", "fr": "Français"}

# Notes whose words are kept: a reason is said of hundreds of programs in the same words.
MOST_NOTES = 4096
_PLURAL_FORMS = frozenset({"one", "other"})
Entry = str | Mapping[str, str]


class MissingTextError(KeyError):
    """No catalogue holds a text under that key."""


def text(locale: str, key: str, **values: str | float | Decimal) -> str:
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
    return entry.format_map({name: write(locale, value) for name, value in values.items()})


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


def note(locale: str, kind: str, said: Note, unit: Unit = Unit.MILES) -> str:
    """Say a reason, warning, badge or piece of advice.

    Args:
        locale: such as ``en``.
        kind: ``reason``, ``warning``, ``badge`` or ``advice``.
        said: the note; its code and values name the text.
        unit: what distances are told in.
    """
    return _note(locale, kind, said.code, tuple(said.values.items()), unit)


def note_afresh(
    locale: str,
    kind: str,
    code: str,
    values: Iterable[tuple[str, str | float]],
    unit: Unit = Unit.MILES,
) -> str:
    """Say a note for who keeps the words in another form."""
    said = {
        name: away(locale, told_length(code, float(value), unit), unit)
        if name == "miles"
        else spoken(locale, name, value)
        for name, value in values
    }
    return text(locale, note_key(kind, code, unit), **said)


def note_key(kind: str, code: str, unit: Unit) -> str:
    """Where a note's words stand: those that name a length in them stand there once a unit."""
    key = f"{kind}.{code}"
    return f"{key}_{unit}" if has(DEFAULT_LOCALE, f"{key}_{unit}") else key


def told_length(code: str, miles: float, unit: Unit) -> int:
    """The miles or kilometres that a reason tells, tens of them where a place is not exact."""
    return whole(miles, unit, exact=code == "near_you")


def away(locale: str, length: int, unit: Unit) -> str:
    """Say how far away something is."""
    return text(locale, f"results.distance.{'away' if length else 'near'}.{unit}", n=length)


_note = lru_cache(MOST_NOTES)(note_afresh)


def spoken(locale: str, name: str, value: str | float) -> str | float:
    """Say a value of a note: codes as words."""
    match name:
        case "state" | "region":
            code = str(value)
            return region_name(locale, code) if code in REGIONS else text(locale, "site.country")
        case "education_level":
            return text(locale, f"education_level.{value}.label")
        case "credential_level" | "format" | "filter":
            return text(locale, f"{name}.{value}")
        case _:
            return value


def has(locale: str, key: str) -> bool:
    """Tell whether there is such a text."""
    return key in catalogue(locale) or key in catalogue(DEFAULT_LOCALE)


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
