"""Reads the official institution file of the College Scorecard, and says what is wrong with it.

Columns are named as the Department of Education names them; others are ignored. A value that
would make us say something false (a latitude of 120) is an error: nothing is published until it is
mended or the operator accepts the good rows alone. A web address that is none is left out, with a
note: the official file has a dozen.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from matcher.ingest import cells
from models.domain.errors import InvalidInputError


class Column(NamedTuple):
    """What we keep, the official columns it may stand in (the first with a value), its reader."""

    name: str
    official: tuple[str, ...]
    read: Callable[[str], Any]
    required: bool = False


_DEGREES = "a latitude in degrees", "a longitude in degrees"
COLUMNS: tuple[Column, ...] = (
    Column("unitid", ("UNITID",), cells.unitid, required=True),
    Column("name", ("INSTNM",), cells.words, required=True),
    Column("city", ("CITY",), cells.words, required=True),
    Column("state", ("STABBR",), cells.state, required=True),
    Column("latitude", ("LATITUDE",), cells.within(-90, 90, _DEGREES[0]), required=True),
    Column("longitude", ("LONGITUDE",), cells.within(-180, 180, _DEGREES[1]), required=True),
    Column("zip", ("ZIP",), cells.zip_code),
    Column("control", ("CONTROL",), cells.within(1, 3, "1 public, 2 nonprofit or 3 for-profit")),
    Column("url", ("INSTURL",), cells.web_address),
    Column("enrolment", ("UGDS",), cells.within(0, 2_000_000, "a number of students")),
    Column("completion", ("C150", "C150_4", "C150_L4"), cells.within(0, 1, "a share")),
    # Net prices below zero are real: aid can exceed the cost.
    Column(
        "net_price",
        ("NPT4", "NPT4_PUB", "NPT4_PRIV"),
        cells.within(-100_000, 500_000, "a price in dollars"),
    ),
)
_MOST_SHOWN = 20
_ADVICE = {
    "column": "is missing; use the file as the College Scorecard publishes it, header included",
    "twice": "stands twice in the header; leave one",
    "encoding": "is not UTF-8; save the file as CSV UTF-8",
    "nul": "holds a NUL byte; export the file again",
    "half": "has no value while the other coordinate has; give both or neither",
    "repeated": "stands in an earlier row; leave one",
    "empty": "is empty; give the school's UNITID",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one cell: ``row`` is the line in the file, 1 is the header."""

    row: int
    column: str
    value: str
    advice: str

    @property
    def line(self) -> str:
        """The problem as one line of text."""
        shown = f" “{self.value[:60]}”" if self.value else ""
        return f"row {self.row}, {self.column}:{shown} {self.advice}"


class ImportRefusedError(InvalidInputError):
    """The file has errors and nothing was published; ``problems`` are all of them."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__({f"row {p.row}, {p.column}": [p.line] for p in problems[:_MOST_SHOWN]})


@dataclass(frozen=True, slots=True)
class Institution:
    """One row of the file; None where it has nothing."""

    unitid: int
    name: str | None = None
    city: str | None = None
    state: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    zip: str | None = None
    control: float | None = None
    url: str | None = None
    enrolment: float | None = None
    completion: float | None = None
    net_price: float | None = None


@dataclass(slots=True)
class InstitutionFile:
    """What was read: rows by unitid, what is wrong, and what was left out."""

    name: str
    sha256: str
    rows: dict[int, Institution] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def read_institutions(path: Path) -> InstitutionFile:
    """Read the file whole, collecting every problem rather than stopping at the first.

    Raises:
        ImportRefusedError: when it is no CSV at all or lacks a required column.
    """
    content = path.read_bytes()
    found = InstitutionFile(path.name, hashlib.sha256(content).hexdigest())
    lines = csv.reader(io.StringIO(_decode(content), newline=""))
    try:
        header = [name.strip().upper() for name in next(lines, [])]
        _check_header(header)
        for row in lines:
            if any(row):
                _read_row(found, lines.line_num, header, row)
    except csv.Error as error:
        advice = f"cannot be read as CSV ({error}); export the file again"
        raise ImportRefusedError(Problem(lines.line_num, "-", "", advice)) from error
    return found


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise ImportRefusedError(Problem(row, "-", "", _ADVICE["encoding"])) from error
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise ImportRefusedError(Problem(row, "-", "", _ADVICE["nul"]))
    return text


def _check_header(header: list[str]) -> None:
    missing = [c.official[0] for c in COLUMNS if c.required and c.official[0] not in header]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems = [Problem(1, name, "", _ADVICE["column"]) for name in missing]
    problems += [Problem(1, name, "", _ADVICE["twice"]) for name in twice]
    if problems:
        raise ImportRefusedError(*problems)


def _read_row(found: InstitutionFile, line: int, header: list[str], row: list[str]) -> None:
    if len(row) != len(header):
        advice = f"has {len(row)} cells where the header has {len(header)}; check its quotes"
        found.errors.append(Problem(line, "-", "", advice))
        return
    before = len(found.errors)
    by_column = dict(zip(header, row, strict=True))
    values: dict[str, Any] = {
        column.name: _read_cell(found, line, column, by_column) for column in COLUMNS
    }
    if len(found.errors) > before:
        return
    wrong = _disagreement(found, values)
    if wrong is None:
        institution = Institution(**values)
        found.rows[institution.unitid] = institution
    else:
        found.errors.append(Problem(line, *wrong))


def _read_cell(
    found: InstitutionFile, line: int, column: Column, row: Mapping[str, str]
) -> Any | None:
    for official in column.official:
        cell = row.get(official, "").strip()
        if cells.is_nothing(cell):
            continue
        try:
            return column.read(cell)
        except cells.CellError as error:
            problem = Problem(line, official, cell, error.advice)
            (found.notes if error.harmless else found.errors).append(problem)
            return None
    return None


def _disagreement(found: InstitutionFile, values: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Tell what is wrong with cells that are each right alone."""
    if values["unitid"] is None:
        return "UNITID", "", _ADVICE["empty"]
    unitid = int(values["unitid"])
    if unitid in found.rows:
        return "UNITID", str(unitid), _ADVICE["repeated"]
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if values[one] is None and values[other] is not None:
            return one.upper(), "", _ADVICE["half"]
    return None
