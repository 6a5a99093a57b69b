"""What places and fields of study are called in a language.

Our data speak English. ``names/<locale>.toml`` says the same in another language; what has no name
there keeps its English one. A language's names are read when somebody first asks in it.
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from matcher.regions import REGIONS

# Locales whose names are not the English ones of our data.
_TRANSLATED = ("es", "fr")


def region_name(locale: str, code: str) -> str:
    """What a state or province is called; its code where we know none such.

    Args:
        locale: such as ``es``.
        code: such as ``NY``.
    """
    said = _names(locale, "region").get(code)
    if said is not None:
        return said
    return REGIONS[code].name if code in REGIONS else code


def field_name(locale: str, cip: str, english: str) -> str:
    """What a family of programs is called, such as ``51.07``; else its English name."""
    return _names(locale, "field").get(cip, english)


def series_name(locale: str, english: str) -> str:
    """What a heading over fields is called; else its English name."""
    return _names(locale, "series").get(english, english)


def by_name(words: str) -> str:
    """What to sort names by, so that ``Éducation`` stands at E."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def _names(locale: str, kind: str) -> Mapping[str, str]:
    """The names of a kind; none for a locale that has no file of them."""
    if locale not in _TRANSLATED:
        return {}
    file = files("service.messages").joinpath("names", f"{locale}.toml")
    names: dict[str, str] = tomllib.loads(file.read_text("utf-8"))[kind]
    return names
