"""Filled fields to bytes: form, JSON, XML or a table of one line; the same fields, the same bytes.

A credential is not among the bytes: a mark stands in its place, and ``put_secrets`` replaces it as
the bytes leave, so that what is kept of a delivery holds no credential. Marks are made of letters
that ``formats.clean`` takes out of everything that students type.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from models.exchange.mapping import Filled, Number, Secret, Value
from models.exchange.paths import parse_path, put_path

_MARK = "\ue000{}\ue001"
# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection) …
_FORMULA = re.compile(r"\s*[=+\-@\t\r|%]")
# … but plain numbers are not, nor are telephone numbers.
_HARMLESS = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]+)?")
_NAME = re.compile(r"@?[A-Za-z_][A-Za-z0-9_.-]*")


class BodyFormat(StrEnum):
    """How a body is written."""

    FORM = "form"
    JSON = "json"
    XML = "xml"
    DELIMITED = "delimited"


CONTENT_TYPES: Mapping[BodyFormat, str] = {
    BodyFormat.FORM: "application/x-www-form-urlencoded",
    BodyFormat.JSON: "application/json",
    BodyFormat.XML: "application/xml; charset=utf-8",
    BodyFormat.DELIMITED: "text/csv; charset=utf-8",
}


def write(body_format: BodyFormat, filled: Filled, *, root: str = "lead") -> bytes:
    """Write filled fields.

    Args:
        body_format: how.
        filled: targets and values; in JSON and XML a target is a path, elsewhere a name.
        root: the name of the outermost element of XML.

    Raises:
        ValueError: when two targets stand in each other's way.
    """
    return _WRITERS[body_format](filled, root)


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table (CSV) that no spreadsheet takes for formulas, a record a line."""
    table = io.StringIO()
    # Every cell quoted: no reader has to guess, and a mark can stand in any of them.
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([_cell(cell) for cell in row])
    return table.getvalue().encode()


def put_secrets(body_format: BodyFormat, body: bytes, secrets: Mapping[str, str]) -> bytes:
    """Put credentials where their marks stand."""
    inside = _INSIDES[body_format]
    for name, secret in secrets.items():
        body = body.replace(inside(_MARK.format(name)).encode(), inside(secret).encode())
    return body


def check_target(body_format: BodyFormat, to: str) -> str | None:
    """Say what is wrong with a target, if anything is."""
    if body_format in (BodyFormat.FORM, BodyFormat.DELIMITED):
        return None if to.strip() == to and to.isprintable() else "Use the field's name as it is."
    try:
        path = parse_path(to)
    except ValueError as error:
        return str(error)
    if not isinstance(path[0], str):
        return "Begin with a name; the body is an object."
    if body_format is BodyFormat.XML and not all(
        _NAME.fullmatch(step) for step in path if isinstance(step, str)
    ):
        return "Use names that XML takes: letters, digits, - and _."
    return None


def check_root(root: object) -> str | None:
    """Say what is wrong with the name of the outermost element, if anything is."""
    if isinstance(root, str) and _NAME.fullmatch(root) and not root.startswith("@"):
        return None
    return "Use a name that XML takes, such as lead."


def nested(filled: Filled) -> dict[str, Any]:
    """Lay fields out as a document; what is missing leaves no trace.

    Raises:
        ValueError: naming the target that another one stands in the way of.
    """
    document: dict[str, Any] = {}
    for to, value in filled:
        if value is not None:
            try:
                put_path(document, parse_path(to), value)
            except ValueError as error:
                raise ValueError(f"{to}: {error}") from None
    return document


def _form(filled: Filled, _root: str) -> bytes:
    pairs = ((to, _text(value)) for to, value in filled if value is not None)
    return "&".join(f"{quote_plus(to)}={quote_plus(text)}" for to, text in pairs).encode()


def _json(filled: Filled, _root: str) -> bytes:
    return _json_text(nested(filled)).encode()


def _json_text(value: Any) -> str:
    """Write JSON; a number keeps the digits that were typed, which no float would."""
    if isinstance(value, Mapping):
        pairs = (f"{_json_text(str(key))}:{_json_text(value[key])}" for key in value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return str(value)
    return json.dumps(_text(value), ensure_ascii=False)


def _xml(filled: Filled, root: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?>' + _element(root, nested(filled))).encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if not isinstance(value, Mapping):
        return f"<{name}>{_escaped(_text(value))}</{name}>"
    attributes = "".join(
        f' {key[1:]}="{_escaped(_text(each))}"' for key, each in value.items() if key[0] == "@"
    )
    inside = "".join(_element(key, each) for key, each in value.items() if key[0] != "@")
    return f"<{name}{attributes}>{inside}</{name}>"


def _delimited(filled: Filled, _root: str) -> bytes:
    header = [to for to, _ in filled]
    return write_table(header, [["" if v is None else _text(v) for _, v in filled]])


def _cell(text: str) -> str:
    # One record, one line: importers that split at line ends are in use.
    line = " ".join(text.split("\n"))
    if _FORMULA.match(line) and not _HARMLESS.fullmatch(line):
        return "'" + line
    return line


def _text(value: Value) -> str:
    if isinstance(value, Secret):
        return _MARK.format(value.name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or ""


def _escaped(text: str) -> str:
    return escape(text, {'"': "&quot;"})


_WRITERS: Mapping[BodyFormat, Callable[[Filled, str], bytes]] = {
    BodyFormat.FORM: _form,
    BodyFormat.JSON: _json,
    BodyFormat.XML: _xml,
    BodyFormat.DELIMITED: _delimited,
}
_INSIDES: Mapping[BodyFormat, Callable[[str], str]] = {
    BodyFormat.FORM: quote_plus,
    BodyFormat.JSON: lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    BodyFormat.XML: _escaped,
    BodyFormat.DELIMITED: lambda text: text.replace('"', '""'),
}
