"""Reasons, warnings, badges and advice as they are sent: cut at their values once, then filled.

A page says sixty of them, and most say a number that few others say: keeping whole sentences
would keep what nobody asks for again.
"""

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from models.domain.matching import Note
from service.messages import away, note, note_afresh, note_key, spoken, text, told_length
from service.messages.formats import write
from service.messages.lengths import Unit
from service.web.moulds import Html, as_html, join
from service.web.pages import locale

# Notes with their names of values: about sixty in each language.
MOST_KINDS = 1024
# Places, credentials, distances and the like that are said.
MOST_SPOKEN = 1024
_Value = str | float
_Said = Callable[[Collection[_Value]], Html]
_OPEN, _SHUT = "\ue000", "\ue001"
_HOLE = re.compile(f"{_OPEN}([0-9]+){_SHUT}")


def notes(kind: str, said: Sequence[Note]) -> tuple[str, ...]:
    """Put notes into words."""
    language = locale()
    return tuple([note(language, kind, one) for one in said])


class Notes:
    """Puts the notes of one page into words, those that its listings share once.

    Args:
        language: the visitor's.
        unit: what the visitor's distances are told in.
    """

    def __init__(self, language: str, unit: Unit) -> None:
        self.unit = unit
        self._language = language
        # Listings hold their notes while a page is drawn, so an id is nobody else's.
        self._said: dict[int, Html] = {}

    def draw(self, kind: str, said: Sequence[Note]) -> tuple[Html, ...]:
        """Put notes into words as they are sent."""
        if not said:
            return ()
        return tuple([self._said.get(id(one)) or self._draw(kind, one) for one in said])

    def _draw(self, kind: str, said: Note) -> Html:
        values = said.values
        drawn = _words_of(self._language, self.unit, kind, said.code, tuple(values))(
            values.values()
        )
        self._said[id(said)] = drawn
        return drawn


@lru_cache(MOST_KINDS)
def _words_of(language: str, unit: Unit, kind: str, code: str, names: tuple[str, ...]) -> _Said:
    """Make what says a note of those values."""
    if "n" in names:  # it may choose between plural forms
        return lambda values: as_html(
            note_afresh(language, kind, code, zip(names, values, strict=True), unit)
        )
    holes = {name: f"{_OPEN}{place}{_SHUT}" for place, name in enumerate(names)}
    parts = _HOLE.split(text(language, note_key(kind, code, unit), **holes))
    around = [as_html(part) for part in parts]
    filled = [(1 + 2 * at, int(place)) for at, place in enumerate(parts[1::2])]

    def say(values: Collection[_Value]) -> Html:
        said, given = around.copy(), [*values]
        for at, place in filled:
            value = given[place]
            if names[place] == "miles":
                said[at] = _away(language, unit, told_length(code, float(value), unit))
            else:
                said[at] = _value(language, names[place], value)
        return join(said)

    return say


def _value(language: str, name: str, value: _Value) -> Html:
    """Say a value; numbers are written each time, as there are so many."""
    if isinstance(value, str):
        return _spoken(language, name, value)
    return Html(write(language, value).encode())


@lru_cache(MOST_SPOKEN)
def _away(language: str, unit: Unit, length: int) -> Html:
    return as_html(away(language, length, unit))


@lru_cache(MOST_SPOKEN)
def _spoken(language: str, name: str, value: _Value) -> Html:
    return as_html(write(language, spoken(language, name, value)))
