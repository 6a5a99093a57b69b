"""Lists of rows as forms: each row some inputs, what was typed kept, a blank row left out.

A row's inputs are called ``SETTING.PLACE.COLUMN``; a row that is added stands at the end, empty.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.exchange.kinds.declaration import Typed
from service.web.problems import Problems, speak

_MOST_ROWS = 200
_NEW_ROWS = 2
# Of a number; int() itself refuses thousands of them.
_MOST_DIGITS = 10


class Shape(StrEnum):
    """How a value of a row is typed."""

    TEXT = "text"
    COMMAS = "commas"
    LINES = "lines"
    # One line is a text, several are a list of texts.
    WORDS = "words"
    PAIRS = "pairs"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """An input of each row; ``more``: it stands with what is seldom needed."""

    name: str
    shape: Shape = Shape.TEXT
    choices: tuple[str, ...] = ()
    more: bool = True


# Where the value of a field comes from, and the key that a row has for it.
_SOURCES = ("from", "constant", "secret", "yes", "no")
_FIELDS = (
    Column("to", more=False),
    Column("source", Shape.CHOICE, _SOURCES, more=False),
    Column("value", more=False),
    Column("required", Shape.FLAG, more=False),
    Column("values", Shape.PAIRS),
    Column("format", Shape.LINES),
    Column("as", Shape.CHOICE, ("text", "number", "boolean")),
    Column("default"),
    Column("example"),
)
_MEANINGS = ("delivered", "unconfirmed", "duplicate", "rejected", "failed", "retry", "refresh")
_RULES = (
    Column("name", more=False),
    Column("is", Shape.CHOICE, _MEANINGS, more=False),
    Column("codes", Shape.COMMAS, more=False),
    Column("path", more=False),
    Column("equals", Shape.WORDS, more=False),
    Column("pattern"),
    Column("reason"),
    Column("reason_path"),
    Column("reasons", Shape.PAIRS),
    Column("reference_path"),
    Column("price_path"),
    Column("slow", Shape.FLAG),
    Column("after", Shape.NUMBER),
)
COLUMNS: Mapping[Typed, tuple[Column, ...]] = {Typed.MAPPING: _FIELDS, Typed.RULES: _RULES}
# What names a row, and is empty in one that is to be left out.
KEYS: Mapping[Typed, str] = {Typed.MAPPING: "to", Typed.RULES: "name"}
_Typed = dict[str, str]


def typed_rows(form: Mapping[str, str], setting: str, typed: Typed) -> list[_Typed]:
    """Read what was typed, row by row, as it was typed; rows without anything are left out."""
    rows = []
    for place in range(_MOST_ROWS):
        start = f"{setting}.{place}."
        if f"{start}{KEYS[typed]}" not in form:
            break
        row = {each.name: form.get(f"{start}{each.name}", "") for each in COLUMNS[typed]}
        if any(row[each.name].strip() for each in COLUMNS[typed] if each.shape is not Shape.CHOICE):
            rows.append(row)
    return rows


def shown_rows(written: Sequence[Mapping[str, Any]], typed: Typed) -> list[_Typed]:
    """Lay rows out as they are typed."""
    return [_shown(row, typed) for row in written]


def with_new(rows: Sequence[_Typed], typed: Typed) -> list[_Typed]:
    """Add empty rows at the end, as many as a list may still have."""
    empty = dict.fromkeys((each.name for each in COLUMNS[typed]), "")
    return [*rows, *(dict(empty) for _ in range(min(_NEW_ROWS, _MOST_ROWS - len(rows))))]


def read_rows(rows: Sequence[_Typed], typed: Typed) -> list[dict[str, Any]]:
    """Make rows of settings of what was typed; what cannot be read stays text, for its check."""
    found = [_read(row, typed) for row in rows]
    return [_sourced(row) for row in found] if typed is Typed.MAPPING else found


def row_problems(
    said: Mapping[str, Sequence[str]], rows: Mapping[str, Sequence[_Typed]], typed: Typed
) -> Problems:
    """Put messages at their rows: ``fields.last_name`` at the input that names that field."""
    problems, key = Problems(), KEYS[typed]
    for path, messages in said.items():
        setting, _, name = path.partition(".")
        there = rows.get(setting, ())
        named = (at for at, row in enumerate(there) if name and row[key].strip() == name)
        place = next(named, None)
        if place is None and name.isdigit() and int(name) < len(there):
            place = int(name)
        anchor = setting if place is None else f"{setting}.{place}.{key}"
        label = f"{name}: " if name and not name.isdigit() else ""
        problems.setdefault(anchor, label + speak(messages[0]))
    return problems


def _shown(row: Mapping[str, Any], typed: Typed) -> _Typed:
    values = {each.name: _WRITERS[each.shape](row.get(each.name)) for each in COLUMNS[typed]}
    if typed is Typed.MAPPING:
        values |= _source(row)
    return values


def _source(row: Mapping[str, Any]) -> _Typed:
    constant = row.get("constant")
    if isinstance(constant, bool):
        return {"source": "yes" if constant else "no", "value": ""}
    for name in ("constant", "secret"):
        if name in row:
            return {"source": name, "value": str(row[name])}
    said = row.get("from", "")
    return {"source": "from", "value": said if isinstance(said, str) else ", ".join(said)}


def _sourced(row: dict[str, Any]) -> dict[str, Any]:
    """Say the source of a field's value as settings say it."""
    source, value = row.pop("source", "from"), row.pop("value", "")
    if source in ("yes", "no"):
        return {**row, "constant": source == "yes"}
    if source != "from":
        return {**row, source: value}
    several = [part.strip() for part in value.split(",") if part.strip()]
    return {**row, "from": several if len(several) > 1 else value.strip()} if several else row


def _read(row: _Typed, typed: Typed) -> dict[str, Any]:
    found = {}
    for each in COLUMNS[typed]:
        text = row[each.name].strip()
        if text:
            found[each.name] = _READERS[each.shape](text)
    if found.get("as") == "text":
        del found["as"]
    return found


def _commas(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pairs(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in _lines(text))
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _number(text: str) -> Any:
    usable = text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS
    return int(text) if usable else text


_READERS: Mapping[Shape, Callable[[str], Any]] = {
    Shape.TEXT: str,
    Shape.CHOICE: str,
    Shape.COMMAS: _commas,
    Shape.LINES: _lines,
    Shape.WORDS: lambda text: words[0] if len(words := _lines(text)) == 1 else words,
    Shape.PAIRS: _pairs,
    Shape.FLAG: lambda _text: True,
    Shape.NUMBER: _number,
}


def _joined(separator: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        parts = [value] if isinstance(value, str) else value or ()
        return separator.join(map(str, parts))

    return write


_WRITERS: Mapping[Shape, Callable[[Any], str]] = {
    Shape.TEXT: lambda value: "" if value is None else str(value),
    Shape.CHOICE: lambda value: "" if value is None else str(value),
    Shape.COMMAS: _joined(", "),
    Shape.LINES: _joined("\n"),
    Shape.WORDS: _joined("\n"),
    Shape.PAIRS: lambda value: "\n".join(f"{a} = {b}" for a, b in (value or {}).items()),
    Shape.FLAG: lambda value: "yes" if value else "",
    Shape.NUMBER: lambda value: "" if value is None else f"{value:g}",
}
