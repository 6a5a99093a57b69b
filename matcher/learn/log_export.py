"""Writes a log down as files in the form of docs/events.md: streamed, and whole or not at all.

Rows come as CSV, sorted, and go to a file of one part at a time; DuckDB makes Parquet or NDJSON of
it. So a part's CSV on disk, and little in memory, is all that a log of any length takes.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from matcher.features.declared import FEATURES, declarations_hash
from models.domain.errors import SchoolmatchError
from models.domain.log_form import FORM, FORM_VERSION, MANIFEST, TABLES, Column, LogWindow
from models.domain.ports.written_log import WrittenLog

Format = Literal["parquet", "ndjson"]
Tell = Callable[[str, int], None]

LISTINGS_A_PART = 1_000_000
# Rows of a row group: what a reader must hold at once.
ROW_GROUP = 122_880
_TELL_EVERY = 100_000
_LIMITS: Mapping[str, Any] = {"memory_limit": "512MiB", "threads": 2}
_WRITTEN = {
    "parquet": f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}",
    "ndjson": "FORMAT json",
}
# An id written out, which every row begins with.
_ID = 36


class LogFilesError(SchoolmatchError):
    """Files of a log cannot be written or read; the text says why."""


@dataclass(frozen=True, slots=True)
class Export:
    """What to write: which slates, at which moment, in which format and how large parts."""

    window: LogWindow
    now: datetime
    format: Format = "parquet"
    listings_a_part: int = LISTINGS_A_PART


def export_log(
    log: WrittenLog, folder: Path, export: Export, tell: Tell = lambda _, __: None
) -> Mapping[str, Any]:
    """Write a log into a folder that is not there yet, or is empty.

    Args:
        log: where the rows come from, in a unit of work that nothing was read in yet.
        folder: appears when everything is in it.
        export: what to write.
        tell: told now and then which table is written, and how many rows of it.

    Returns:
        The manifest.

    Raises:
        LogFilesError: when something is in the folder.
    """
    check_free(folder)
    log.stand_still()
    with staged(folder) as stage, duckdb.connect(config=dict(_LIMITS)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        writer, window = _Writer(connection, stage, export, tell), export.window
        rows = {"listings": writer.listings(log.listings(window))}
        rows["events"] = writer.events(log.events(window))
        manifest = {
            "form": FORM,
            "version": FORM_VERSION,
            "format": export.format,
            "made_at": export.now.isoformat(),
            "since": window.since and window.since.isoformat(),
            "until": window.until and window.until.isoformat(),
            "features": {
                "hash": declarations_hash(),
                "declared": [{"name": each.name, "size": each.size} for each in FEATURES],
            },
            "rows": rows,
            "files": writer.files,
        }
        write_manifest(stage, manifest)
    return manifest


def check_free(folder: Path) -> None:
    """Refuse a folder that something is in.

    Raises:
        LogFilesError: saying so.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LogFilesError(f"{folder} is there already, with something in it. Name another one.")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write what makes a folder whole."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n")


def write_part(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: Format
) -> dict[str, Any]:
    """Write the rows of a query to a file, and return what the manifest says of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    quoted = str(path).replace("'", "''")
    [(rows,)] = connection.execute(f"COPY ({query}) TO '{quoted}' ({_WRITTEN[form]})").fetchall()
    return {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256(path)}


def sha256(path: Path) -> str:
    """The checksum of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class staged:  # noqa: N801 - used as a function
    """A folder beside another, which takes its place when all went well and goes when not.

    One that a killed process left is removed. ``keep``: False lets it go in any case.
    """

    def __init__(self, folder: Path, *, keep: bool = True) -> None:
        self._folder = folder
        self._keep = keep
        self._stage = folder.with_name(f".{folder.name}.partial")

    def __enter__(self) -> Path:
        """Make the folder."""
        shutil.rmtree(self._stage, ignore_errors=True)
        self._stage.mkdir(parents=True)
        return self._stage

    def __exit__(self, kind: object, *_: object) -> None:
        """Put it in its place, or remove it."""
        if kind is None and self._keep:
            if self._folder.exists():
                self._folder.rmdir()
            self._stage.rename(self._folder)
        else:
            shutil.rmtree(self._stage, ignore_errors=True)


class _Writer:
    """Cuts sorted rows into parts of whole slates; ``files`` are those it wrote."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, stage: Path, export: Export, tell: Tell
    ) -> None:
        self.files: list[dict[str, Any]] = []
        self._connection = connection
        self._stage = stage
        self._format = export.format
        self._most = export.listings_a_part
        self._tell = tell
        # The last slate of each part but the last, which has all that is left.
        self._ends: list[bytes] = []

    def listings(self, rows: Iterator[bytes]) -> int:
        """Write the listings, and return how many."""
        ahead = _Ahead(rows)
        while True:
            last = self._write("listings", len(self._ends), ahead.slates(self._most))
            if not ahead:
                return ahead.taken
            self._ends.append(last)
            self._tell("listings", ahead.taken)

    def events(self, rows: Iterator[bytes]) -> int:
        """Write the events, cut where the listings were, and return how many."""
        ahead = _Ahead(rows)
        for number, end in enumerate([*self._ends, b"~"]):
            self._write("events", number, ahead.up_to(end))
            self._tell("events", ahead.taken)
        return ahead.taken

    def _write(self, table: str, number: int, rows: Iterator[bytes]) -> bytes:
        """Write one file of a part; return the slate of its last row."""
        text, last = self._stage / "rows.csv", b""
        with text.open("wb") as file:
            for count, row in enumerate(rows, 1):
                file.write(row)
                last = row[:_ID]
                if count % _TELL_EVERY == 0:
                    self._tell(table, number * self._most + count)
        path = self._stage / table / f"part-{number:05}.{self._format}"
        _view_csv(self._connection, text, TABLES[table])
        written = write_part(self._connection, "FROM rows", path, self._format)
        text.unlink()
        self.files.append({"path": str(path.relative_to(self._stage)), **written})
        return last


class _Ahead:
    """Rows of which the next is known; ``taken`` counts the others."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self.taken = 0
        self._rows = rows
        self._next = next(rows, None)

    def __bool__(self) -> bool:
        return self._next is not None

    def slates(self, least: int) -> Iterator[bytes]:
        """Take whole slates, until there are enough rows or none left."""
        row, count, slate = self._next, 0, b""
        while row is not None and (count < least or row[:_ID] == slate):
            slate = row[:_ID]
            count += 1
            yield row
            row = next(self._rows, None)
        self._next = row
        self.taken += count

    def up_to(self, slate: bytes) -> Iterator[bytes]:
        """Take the rows of slates up to one."""
        row, count = self._next, 0
        while row is not None and row[:_ID] <= slate:
            count += 1
            yield row
            row = next(self._rows, None)
        self._next = row
        self.taken += count


def _view_csv(connection: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[Column]) -> None:
    """Open a table's CSV as ``rows``, as PostgreSQL wrote it: an empty field is null, "" is not."""
    rows = connection.read_csv(
        str(path),
        header=False,
        columns={column.name: column.type for column in columns},
        auto_detect=False,
        delimiter=",",
        quotechar='"',
        escapechar='"',
        na_values="",
        allow_quoted_nulls=False,
    )
    rows.create_view("rows")
