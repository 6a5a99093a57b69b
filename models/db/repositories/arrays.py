"""Columns of many rows, as PostgreSQL writes arrays.

The driver would ask each value what it is, which took longer than the statement.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson


def uuids(values: Iterable[UUID | None]) -> str:
    """Write an array of ids."""
    return _array(["NULL" if value is None else value.hex for value in values])


def numbers(values: Iterable[int | None]) -> str:
    """Write an array of whole numbers."""
    return _array(["NULL" if value is None else str(value) for value in values])


def raws(values: Iterable[bytes | None]) -> str:
    """Write an array of bytes."""
    return _array(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values])


def texts(values: Iterable[str | None]) -> str:
    """Write an array of texts."""
    return _array(["NULL" if value is None else _quoted(value) for value in values])


def document(value: Any) -> str:
    """Write one JSON document."""
    return orjson.dumps(value).decode()


def documents(values: Iterable[Any]) -> str:
    """Write an array of JSON documents; None is JSON's null."""
    return _array([_quoted(document(value)) for value in values])


def moments(values: Iterable[datetime | None]) -> str:
    """Write an array of moments."""
    return _array(["NULL" if value is None else f'"{value.isoformat()}"' for value in values])


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _array(written: Sequence[str]) -> str:
    return f"{{{','.join(written)}}}"
