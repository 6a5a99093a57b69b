"""Reads the official institution file of the College Scorecard, and says what is wrong with it.

Columns are named as the Department of Education names them; others are ignored. A latitude of 120
is an error: nothing is published until it is mended or the operator accepts the good rows alone. A
web address that is none is left out, with a note: the official file has a dozen. So are a ZIP of
another state (it has eleven) and coordinates far from the ZIP or the state (it has eleven): the
school then stands where the rest of its row says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.ingest import cells
from matcher.ingest.tables import Column, Findings, Problem, open_table, read_cells
from matcher.ingest.whereabouts import FAR_MILES, CodeMap, is_nowhere

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
    "nowhere": "and the longitude are 0, which is in the ocean; leave both empty",
    "other_state": "is not in {state}; left out",
    "outside": "is with the longitude far outside {state}; both left out",
    "far": f"is with the longitude more than {FAR_MILES:g} miles from {{zip}}; both left out",
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


def read_institutions(path: Path, codes: CodeMap | None = None) -> InstitutionFile:
    """Read the file whole, collecting every problem rather than stopping at the first.

    Args:
        path: the CSV, or the ZIP as published.
        codes: what places are compared with; without it they are not.

    Raises:
        ImportRefusedError: when it is no CSV at all or lacks a required column.
    """
    found, codes = InstitutionFile(), codes or CodeMap()
    with open_table(path, COLUMNS, found.findings) as table:
        for row in table.rows:
            values = read_cells(row, COLUMNS, found.findings)
            if values is None:
                continue
            if wrong := _disagreement(found.rows, values):
                found.findings.errors.append(Problem(row.line, *wrong))
                continue
            for left_out, advice in _contradictions(values, codes):
                said = str(values[left_out[0]])
                found.findings.notes.append(Problem(row.line, left_out[0].upper(), said, advice))
                values |= dict.fromkeys(left_out)
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
    if is_nowhere(values["latitude"], values["longitude"]):
        return "LATITUDE", str(values["latitude"]), _ADVICE["nowhere"]
    return None


def _contradictions(
    values: Mapping[str, Any], codes: CodeMap
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give what cannot be used beside the rest of the row, and why."""
    state, code = values["state"], values["zip"]
    point = values["latitude"], values["longitude"]
    if state and code and codes.region_of(code) not in {None, state}:
        yield ("zip",), _ADVICE["other_state"].format(state=state)
        code = None
    if point[0] is None:
        return
    miles = codes.miles_from(code, *point) if code else None
    if state and codes.is_outside(state, *point):
        yield ("latitude", "longitude"), _ADVICE["outside"].format(state=state)
    elif miles is not None and miles > FAR_MILES:
        yield ("latitude", "longitude"), _ADVICE["far"].format(zip=code)
