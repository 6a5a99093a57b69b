"""Opens a folder with a log, of which nothing is believed before it was looked at."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from matcher.learn.log_export import sha256
from models.domain.errors import printable
from models.domain.log_form import FORM, FORM_VERSION, MANIFEST, TABLES, Column

_FILE = re.compile(r"(listings|events)/[A-Za-z0-9_-]+\.(parquet|ndjson)")
_FORMATS = ("parquet", "ndjson")
# One line of NDJSON is far shorter.
_MOST_LINE = 1 << 20


class BadFilesError(Exception):
    """Files are not what they should be; ``lines`` say why, each beginning with its reason."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Read the manifest of a folder.

    Raises:
        BadFilesError: when it is not there, or not one of this form and version.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except OSError:
        raise BadFilesError(f"file_missing: {folder.name} has no {MANIFEST}") from None
    except (ValueError, RecursionError):
        raise BadFilesError(f"unknown_form: {MANIFEST} is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("form") != FORM:
        raise BadFilesError(f"unknown_form: {MANIFEST} does not say that this is a {FORM}")
    if manifest.get("version") != FORM_VERSION or manifest.get("format") not in _FORMATS:
        raise BadFilesError(
            f"unknown_form: version {manifest.get('version')!r}, format "
            f"{manifest.get('format')!r}; version {FORM_VERSION} in {' or '.join(_FORMATS)} is read"
        )
    return manifest


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Compare the files with what the manifest says of them.

    Raises:
        BadFilesError: naming each that is missing or not what was written.
    """
    files = manifest.get("files")
    if not isinstance(files, list) or not all(_is_file(each, manifest) for each in files):
        raise BadFilesError(
            "unknown_form: files must be a list of path (listings/NAME or events/NAME, of the "
            "format named) and sha256 of each"
        )
    tables = {str(each["path"]).partition("/")[0] for each in files}
    wrong = [f"file_missing: no file of {table}" for table in TABLES if table not in tables]
    for each in files:
        path = folder / each["path"]
        if not path.is_file():
            wrong.append(f"file_missing: {each['path']}")
        elif sha256(path) != each["sha256"]:
            wrong.append(f"file_changed: {each['path']} is not what the manifest says")
    if wrong:
        raise BadFilesError(*wrong)


def view_log(
    connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Mapping[str, Any]
) -> None:
    """Open the files as ``raw_listings`` and ``raw_events``.

    Raises:
        BadFilesError: naming each column that is missing or of another type.
    """
    wrong: list[str] = []
    for table, columns in TABLES.items():
        paths = [folder / file["path"] for file in manifest["files"]]
        paths = [path for path in paths if path.parent.name == table]
        for path in paths:
            wrong += _wrong_columns(connection, path, columns)
        if not wrong:
            _open(connection, paths, columns).create_view(f"raw_{table}")
    if wrong:
        raise BadFilesError(*wrong)


def first_line(error: Exception) -> str:
    """What an error says first."""
    return printable(str(error).partition("\n")[0])


def _is_file(file: Any, manifest: Mapping[str, Any]) -> bool:
    if not isinstance(file, dict):
        return False
    path = file.get("path")
    named = isinstance(path, str) and _FILE.fullmatch(path)
    return bool(named and named[2] == manifest["format"]) and isinstance(file.get("sha256"), str)


def _open(
    connection: duckdb.DuckDBPyConnection, paths: list[Path], columns: tuple[Column, ...]
) -> duckdb.DuckDBPyRelation:
    names: Any = [str(path) for path in paths]
    if paths[0].suffix == ".parquet":
        rows = connection.read_parquet(names)
    else:
        types = {column.name: column.type for column in columns}
        rows = connection.read_json(names, columns=types, format="newline_delimited")
    return rows.project(", ".join(f'"{column.name}"' for column in columns))


def _wrong_columns(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: tuple[Column, ...]
) -> list[str]:
    """Say which columns a file lacks or has otherwise; of NDJSON by its first line."""
    name = f"{path.parent.name}/{path.name}"
    try:
        there = _parquet_types(connection, path) if path.suffix == ".parquet" else _json_keys(path)
    except (duckdb.Error, ValueError, RecursionError) as error:
        return [f"file_unreadable: {name}: {first_line(error)}"]
    if there is None:
        return []
    return [
        f"column_missing: {name} has no {column.name}"
        if column.name not in there
        else f"column_of_another_type: {column.name} of {name} is {there[column.name]}, "
        f"not {column.type}"
        for column in columns
        if there.get(column.name, "") not in {column.type, None}
    ]


def _parquet_types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str | None]:
    relation = connection.read_parquet(str(path))
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _json_keys(path: Path) -> dict[str, str | None] | None:
    """The names of a file's first object, of types that nobody knows; None when it is empty."""
    with path.open("rb") as file:
        line = file.readline(_MOST_LINE)
    if not line.strip():
        return None
    first = json.loads(line)
    if not isinstance(first, dict):
        raise ValueError("the first line is no JSON object")
    return dict.fromkeys(map(str, first))
