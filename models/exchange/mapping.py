"""From a lead to the fields of a school's form: rows of a table, kept in a destination's settings.

A row names a target (``to``) and where its value comes from: a place in the lead (``from``), a
``constant`` that is the school's own business, or a ``secret`` that is put in as the bytes leave.
What a student did not say is missing; nothing stands in for it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import LeadFacts
from models.exchange.formats import NUMBER, clean, spell
from models.exchange.paths import parse_path, read_path
from models.exchange.payload import UnrenderableError, render

# Longer ones are no number of anything; int() itself refuses thousands of digits.
_WHOLE = re.compile(r"[0-9]{1,18}")


class Number(str):
    """A number as it was typed: ``3.50`` stays so, also where it is written without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands where a credential will stand; no rendered or frozen body holds the credential."""

    name: str


# None: the student did not say. In every format it leaves no trace but an empty cell of a table.
Value = str | bool | Secret | None
Filled = Sequence[tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a school's form; see the module."""

    to: str
    sources: tuple[str, ...] = ()
    constant: str | bool | None = None
    secret: str | None = None
    formats: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    required: bool = False
    written_as: str = "text"
    example: str | None = None


def read_rows(written: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Make rows of what settings hold, after ``check_mapping`` found nothing wrong in them."""
    return tuple(read_row(each) for each in written)


def read_row(written: Mapping[str, Any]) -> Row:
    """Make one row."""
    source = written.get("from", ())
    return Row(
        to=written["to"],
        sources=(source,) if isinstance(source, str) else tuple(source),
        constant=written.get("constant"),
        secret=written.get("secret"),
        formats=tuple(written.get("format", ())),
        values=written.get("values", {}),
        default=written.get("default"),
        required=written.get("required", False),
        written_as=written.get("as", "text"),
        example=written.get("example"),
    )


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """What rows read: the ``data`` of our own webhook, and a little that is known besides."""

    document: Mapping[str, Any]
    asked_at: datetime


def source_of(facts: LeadFacts, delivery_id: UUID) -> Source:
    """Lay out a lead for rows to read.

    Besides the webhook's ``data`` there are ``delivery_id`` (the same at every try), ``purpose``
    (``lead``, or what is told of one: ``withdrawal``, ``correction``, ``deletion``), ``asked_at``
    and ``place`` (``country`` and ``state``, derived from the postal code).

    Raises:
        UnrenderableError: when the facts cannot be used.
    """
    body = json.loads(render(facts), parse_int=Number, parse_float=Number)
    country, _, state = facts.jurisdiction.partition("-")
    document = {
        **body["data"],
        "delivery_id": show(Prefix.DELIVERY, delivery_id),
        "purpose": facts.purpose.value,
        "asked_at": facts.requested_at.isoformat(timespec="milliseconds"),
        "place": {"country": country or None, "state": state or None},
    }
    return Source(document, facts.requested_at)


def tells_of(rows: Sequence[Row], purpose: Purpose) -> bool:
    """Whether filled rows say what they are for, so that none takes a change for a new lead."""
    saying = [row for row in rows if "purpose" in row.sources]
    return bool(saying) and all(not row.values or purpose.value in row.values for row in saying)


def rows_for(rows: Sequence[Row], purpose: Purpose) -> Sequence[Row]:
    """Choose what is filled in for a purpose; what is told of a lead may leave the student out.

    The field that says so must be filled: where its ``values`` have no word for it, nothing is.

    Raises:
        UnrenderableError: when a field would not say that it is no new lead.
    """
    if purpose is Purpose.LEAD:
        return rows
    if not tells_of(rows, purpose):
        # Filled in again, it would be a second lead.
        raise UnrenderableError(f"no field says that it is a {purpose}")
    return tuple(replace(row, required="purpose" in row.sources) for row in rows)


def fill(rows: Sequence[Row], source: Source) -> list[tuple[str, Value]]:
    """Fill every row, in order.

    Raises:
        UnrenderableError: naming the required fields that stay empty, never what was typed.
    """
    filled = [(row.to, _value(row, source)) for row in rows]
    missing = [
        row.to
        for row, (_, value) in zip(rows, filled, strict=True)
        if row.required and value is None
    ]
    if missing:
        raise UnrenderableError(f"required fields are missing: {', '.join(missing)}")
    return filled


def _value(row: Row, source: Source) -> Value:
    if row.secret is not None:
        return Secret(row.secret)
    if isinstance(row.constant, bool):
        return row.constant
    text = row.constant if row.constant is not None else _said(row, source)
    if text is None:
        text = row.default
    return None if text is None else _typed(text, row.written_as)


def _said(row: Row, source: Source) -> str | None:
    """Return what the first source says that can be spelt, in the school's own words."""
    for path in row.sources:
        text = _text(read_path(source.document, parse_path(path)))
        if text is not None:
            text = spell(text, row.formats, source.asked_at)
        if text is not None and row.values:
            text = _translated(text, row.values)
        if text:
            return text
    return None


def _text(value: Any) -> str | None:
    """Read a value as text; an empty one says nothing, and nor does what is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(part for each in value if (part := _text(each)) is not None) or None
    if isinstance(value, str):
        return clean(value) or None
    return None


def _translated(text: str, values: Mapping[str, str]) -> str | None:
    """Look a word up; keys such as ``1-3`` and ``13+`` stand for whole numbers."""
    if text in values:
        return values[text]
    if not _WHOLE.fullmatch(text):
        return None
    found = (values[key] for key in values if _within(int(text), key))
    return next(found, None)


def _within(number: int, key: str) -> bool:
    least, dash, most = key.removesuffix("+").partition("-")
    whole = _WHOLE.fullmatch(least) and (_WHOLE.fullmatch(most) if dash else key.endswith("+"))
    if not whole:
        return False
    return int(least) <= number and (not dash or number <= int(most))


def _typed(text: str, written_as: str) -> Value:
    if written_as == "number":
        return Number(text) if NUMBER.fullmatch(text) else None
    if written_as == "boolean":
        return {"true": True, "false": False}.get(text)
    return text
