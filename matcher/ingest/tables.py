"""Reads tables that people hand in: CSV, or a ZIP that holds one, row by row, every problem named.

A value that would make us say something false is an error; one that merely cannot be used is left
out with a note. Whether a file with errors is used at all is for the operator to say.
"""

import csv
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from matcher.ingest import cells
from models.domain.errors import InvalidInputError, printable

_MOST_SHOWN = 20
# The largest official table has 160 MB; a ZIP that grows far beyond is no table of ours.
_MOST_BYTES = 2_000_000_000
# How every ZIP begins.
_ZIP = b"PK\x03\x04"
# What the parts that unpack say of damaged bytes; bzip2 says OSError.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError)
_ADVICE = {
    "column": "is missing; use the columns as docs/catalog.md lists them, header included",
    "twice": "stands twice in the header; leave one",
    "encoding": "is not UTF-8; save the file as CSV UTF-8",
    "nul": "holds a NUL byte; export the file again",
    "zip": "is a ZIP that cannot be used: {why}; unpack it and import the CSV",
    "broken_zip": "is a ZIP that is cut short or damaged; get it again",
    "large": "is larger than any table of schools; give the table alone",
}


class Column(NamedTuple):
    """What we keep, the columns it may stand in (the first with a value), its reader."""

    name: str
    named: tuple[str, ...]
    read: Callable[[str], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one cell: ``row`` is the line in the file, 1 is the header.

    ``file`` is its name, "" while only one is being read.
    """

    row: int
    column: str
    value: str
    advice: str
    file: str = ""

    @property
    def line(self) -> str:
        """The problem as one line of text."""
        return f"{self.place}: {self.said}"

    @property
    def place(self) -> str:
        """Where it is."""
        where = f"{self.file}, " if self.file else ""
        return printable(f"{where}row {self.row}, {self.column}")

    @property
    def said(self) -> str:
        """What is wrong there, and what to do."""
        return printable(f"“{self.value[:60]}” {self.advice}" if self.value else self.advice)


class ImportRefusedError(InvalidInputError):
    """The file has errors and nothing was published; ``problems`` are all of them.

    ``by_row`` tells that other rows are good, so that the operator may go on with those alone.
    """

    def __init__(self, *problems: Problem, by_row: bool = False) -> None:
        self.problems, self.by_row = problems, by_row
        shown: dict[str, list[str]] = {}
        for problem in problems[:_MOST_SHOWN]:
            shown.setdefault(problem.place, []).append(problem.said)
        super().__init__(shown)


@dataclass(slots=True)
class Findings:
    """What is wrong with a table, and what was left out of it."""

    errors: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its number in the file and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its header in capitals, and its rows, which can be read once."""

    header: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def open_table(path: Path, columns: Sequence[Column], findings: Findings) -> Iterator[Table]:
    """Open a table; rows with too many or too few cells go to ``findings`` and are not given.

    Raises:
        ImportRefusedError: when it is no table at all or lacks a required column; also while its
            rows are read.
    """
    with _open_bytes(path) as binary:
        lines = csv.reader(_decoded(binary))
        header = _header(lines)
        _check_header(header, columns)
        wanted = [
            (place, name)
            for place, name in enumerate(header)
            if any(name in column.named for column in columns)
        ]
        yield Table(tuple(header), _rows(lines, len(header), wanted, findings))


def read_header(path: Path) -> tuple[str, ...]:
    """Read a table's header, in capitals.

    Raises:
        ImportRefusedError: when it is no table at all.
    """
    with _open_bytes(path) as binary:
        return tuple(_header(csv.reader(_decoded(binary))))


def read_cells(row: Row, columns: Sequence[Column], findings: Findings) -> dict[str, Any] | None:
    """Read a row's cells; None when one of them is wrong, which ``findings`` then says."""
    before = len(findings.errors)
    values = {column.name: _read_cell(row, column, findings) for column in columns}
    return values if len(findings.errors) == before else None


def _read_cell(row: Row, column: Column, findings: Findings) -> Any | None:
    for name in column.named:
        cell = row.cells.get(name, "")
        if cells.is_nothing(cell):
            continue
        try:
            return column.read(cell)
        except cells.CellError as error:
            problem = Problem(row.line, name, cell, error.advice)
            (findings.notes if error.harmless else findings.errors).append(problem)
            return None
    return None


def _rows(
    lines: Any, width: int, wanted: Sequence[tuple[int, str]], findings: Findings
) -> Iterator[Row]:
    first = lines.line_num + 1
    while (row := _next(lines)) is not None:
        # A cell in quotes may run over many lines: the row is found where it begins.
        line, first = first, lines.line_num + 1
        if not any(row):
            continue
        if len(row) != width:
            advice = f"has {len(row)} cells where the header has {width}; check its quotes"
            findings.errors.append(Problem(line, "-", "", advice))
            continue
        yield Row(line, {name: row[place].strip() for place, name in wanted})


def _header(lines: Any) -> list[str]:
    return [name.strip().upper() for name in _next(lines) or []]


def _next(lines: Any) -> list[str] | None:
    first = lines.line_num + 1
    try:
        row: list[str] | None = next(lines, None)
    except csv.Error as error:
        advice = f"cannot be read as CSV ({error}); export the file again"
        raise ImportRefusedError(Problem(first, "-", "", advice)) from error
    return row


def _check_header(header: Sequence[str], columns: Sequence[Column]) -> None:
    missing = [c.named[0] for c in columns if c.required and not set(c.named) & set(header)]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems = [Problem(1, name, "", _ADVICE["column"]) for name in missing]
    problems += [Problem(1, name, "", _ADVICE["twice"]) for name in twice]
    if problems:
        raise ImportRefusedError(*problems)


def _decoded(binary: IO[bytes]) -> Iterator[str]:
    """Give the lines of a file; a line is what ends in a newline, quoted or not."""
    read = 0
    for number, line in enumerate(binary, 1):
        read += len(line)
        if read > _MOST_BYTES:
            raise ImportRefusedError(Problem(number, "-", "", _ADVICE["large"]))
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ImportRefusedError(Problem(number, "-", "", _ADVICE["encoding"])) from error
        if "\0" in text:
            raise ImportRefusedError(Problem(number, "-", "", _ADVICE["nul"]))
        yield text


@contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            file.seek(0)
            if file.read(len(_ZIP)) == _ZIP:
                raise ImportRefusedError(Problem(1, "-", "", _ADVICE["broken_zip"]))
            file.seek(0)
            yield file
            return
        try:
            with zipfile.ZipFile(file) as archive, archive.open(_only_table(archive)) as inner:
                yield inner
        except _DAMAGE as error:
            raise ImportRefusedError(Problem(1, "-", "", _ADVICE["broken_zip"])) from error
        except (NotImplementedError, RuntimeError) as error:
            advice = _ADVICE["zip"].format(why=error)
            raise ImportRefusedError(Problem(1, "-", "", advice)) from error


def _only_table(archive: zipfile.ZipFile) -> str:
    tables = [name for name in archive.namelist() if name.lower().endswith(".csv")]
    if len(tables) != 1:
        why = f"it holds {len(tables)} CSV files"
        raise ImportRefusedError(Problem(1, "-", "", _ADVICE["zip"].format(why=why)))
    return tables[0]
