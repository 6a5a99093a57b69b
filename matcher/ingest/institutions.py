"""Reads the official institution file of the College Scorecard, and says what is wrong with it.

Columns are named as the Department of Education names them; others are ignored. A latitude of 120
is an error: nothing is published until it is mended or the operator accepts the good rows alone. A
web address that is none is left out, with a note: the official file has a dozen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.ingest import cells
from matcher.ingest.tables import Column, Findings, Problem, open_table, read_cells

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
_ADVICE = {
    "half": "has no value while the other coordinate has; give both or neither",
    "repeated": "stands in an earlier row; leave one",
    "empty": "is empty; give the school's UNITID",
}


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
    """What was read: rows by unitid, and what was found wrong."""

    rows: dict[int, Institution] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def read_institutions(path: Path) -> InstitutionFile:
    """Read the file whole, collecting every problem rather than stopping at the first.

    Raises:
        ImportRefusedError: when it is no CSV at all or lacks a required column.
    """
    found = InstitutionFile()
    with open_table(path, COLUMNS, found.findings) as table:
        for row in table.rows:
            values = read_cells(row, COLUMNS, found.findings)
            if values is None:
                continue
            if wrong := _disagreement(found.rows, values):
                found.findings.errors.append(Problem(row.line, *wrong))
            else:
                found.rows[values["unitid"]] = Institution(**values)
    return found


def _disagreement(
    rows: Mapping[int, Institution], values: Mapping[str, Any]
) -> tuple[str, str, str] | None:
    """Tell what is wrong with cells that are each right alone."""
    if values["unitid"] is None:
        return "UNITID", "", _ADVICE["empty"]
    unitid = int(values["unitid"])
    if unitid in rows:
        return "UNITID", str(unitid), _ADVICE["repeated"]
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if values[one] is None and values[other] is not None:
            return one.upper(), "", _ADVICE["half"]
    return None
