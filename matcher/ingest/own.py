"""Reads the CSV of programs that schools and operators write themselves (docs/catalog.md).

For what no official file has: Canadian schools, new programs, a school's own titles, statements
about itself, badges. Every row names who says so and when. It holds no figures: those come from
official files alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from matcher.catalog import BADGES, CONTROLS, FORMATS, LEVELS, OWN_SCHOOLS
from matcher.ingest import cells
from matcher.ingest.cities import normal
from matcher.ingest.tables import Column, Findings, Problem, open_table, read_cells
from matcher.ingest.truewise import SourceSchool
from matcher.ingest.whereabouts import FAR_MILES, CodeMap, is_nowhere
from models.domain.levels import SCORECARD_CREDENTIALS

_CREDENTIALS = {SCORECARD_CREDENTIALS[level].value: level for level in LEVELS}
_FORMATS = {name: code for code, name in enumerate(FORMATS) if name != "unknown"}
_CONTROLS = {name: code for code, name in enumerate(CONTROLS)}
_MOST_HIGHLIGHTS = 3
_DEGREES = cells.within(-90, 90, "a latitude in degrees"), cells.within(-180, 180, "a longitude")


def _columns(today: date) -> tuple[Column, ...]:
    return (
        Column("unitid", ("SCHOOL_ID",), cells.school_number, required=True),
        Column("cip", ("CIP",), cells.cip_family, required=True),
        Column("level", ("CREDENTIAL",), cells.one_of(_CREDENTIALS, "a credential"), required=True),
        Column("source", ("SOURCE",), cells.words, required=True),
        Column("as_of", ("AS_OF",), cells.day(today), required=True),
        Column("format", ("FORMAT",), cells.one_of(_FORMATS, "a format")),
        Column("title", ("TITLE",), cells.statement),
        Column(
            "highlights", ("HIGHLIGHTS",), cells.several(cells.statement, most=_MOST_HIGHLIGHTS)
        ),
        Column(
            "badges",
            ("BADGES",),
            cells.several(cells.one_of({b: n for n, b in enumerate(BADGES)}, "a badge")),
        ),
        Column("school_name", ("SCHOOL_NAME",), cells.words),
        Column("state", ("STATE",), cells.region),
        Column("city", ("CITY",), cells.words),
        Column("postal_code", ("POSTAL_CODE",), cells.postal_code),
        Column("latitude", ("LATITUDE",), _DEGREES[0]),
        Column("longitude", ("LONGITUDE",), _DEGREES[1]),
        Column("control", ("CONTROL",), cells.one_of(_CONTROLS, "a kind of control")),
        Column("school_url", ("SCHOOL_URL",), cells.web_address),
    )


_COLUMN = {column.name: column.named[0] for column in _columns(date.max)}
_REQUIRED = tuple(column.name for column in _columns(date.max) if column.required)
_OF_NEW_SCHOOLS = ("school_name", "state", "control")
_OF_SCHOOLS = (
    "school_name",
    "state",
    "city",
    "postal_code",
    "latitude",
    "longitude",
    "control",
    "school_url",
)
_ADVICE = {
    "empty": "is empty; every row needs it",
    "number": "is no school of the official data; give its UNITID, or for a school that they lack "
    f"a number of your own from {OWN_SCHOOLS.start} to {OWN_SCHOOLS.stop - 1}, and keep it",
    "new_school": "is empty; a school that the official data lack needs it",
    "other_school": "is not the name of that school, which is “{name}”; check SCHOOL_ID, or leave "
    "this empty",
    "official": "is left out: for this school the official data say it",
    "cip": "is no family of the catalog; look it up among the fields of study",
    "half": "has no value while the other coordinate has; give both or neither",
    "nowhere": "and the longitude are 0, which is in the ocean; leave both empty",
    "other_state": "is not in {state}; check both",
    "outside": "is with the longitude far outside {state}; check them",
    "far": f"is with the longitude more than {FAR_MILES:g} miles from the postal code; check them",
    "differs": "differs from {other}, which is of the same school; say the same in both",
    "repeated": "is the program of {other} again (school, CIP, credential and format); put what "
    "they say into one row",
    "unclear": "is empty, and {other} is the same program; give the format in both",
}


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """One row: a program, and its school where the official data lack it; None: not said."""

    file: str
    line: int
    unitid: int
    cip: int
    level: int
    source: str
    as_of: str
    format: int
    title: str
    highlights: tuple[str, ...]
    badges: tuple[int, ...]
    school_name: str | None = None
    state: str | None = None
    city: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    control: int | None = None
    school_url: str | None = None

    @property
    def where(self) -> str:
        """Where it stands."""
        return f"row {self.line} of {self.file}"


@dataclass(slots=True)
class OwnFile:
    """What was read, and what was found wrong."""

    rows: list[OwnProgram] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True, slots=True)
class Against:
    """What own rows are compared with.

    ``schools`` of the official data by UNITID; ``families`` of CIP that the catalog has; ``codes``
    for places; ``today``, after which nobody has said anything yet.
    """

    schools: Mapping[int, SourceSchool]
    families: Collection[int]
    codes: CodeMap
    today: date


def read_own(
    path: Path,
    name: str,
    against: Against,
    before: Sequence[OwnProgram] = (),
) -> OwnFile:
    """Read the file whole, collecting every problem.

    Args:
        path: the CSV.
        name: what the operator calls it.
        against: what the rows are compared with.
        before: rows of other files that go into the same catalog.

    Raises:
        ImportRefusedError: when it is no CSV at all or lacks a required column.
    """
    found, columns = OwnFile(), _columns(against.today)
    earlier: dict[int, list[OwnProgram]] = defaultdict(list)
    for one in before:
        earlier[one.unitid].append(one)
    with open_table(path, columns, found.findings) as table:
        for row in table.rows:
            values = read_cells(row, columns, found.findings)
            if values is None:
                continue
            one = _program(name, row.line, values)
            same_school = earlier[one.unitid]
            wrong = _incomplete(values) or _unknown(one, against)
            wrong = wrong or _misplaced(one, against.codes) or _second(one, same_school)
            if wrong:
                found.findings.errors.append(Problem(row.line, *wrong))
            else:
                found.findings.notes += _left_out(one, against)
                found.rows.append(one)
                same_school.append(one)
    return found


def _program(file: str, line: int, values: Mapping[str, Any]) -> OwnProgram:
    given = {one.name: values[one.name] for one in fields(OwnProgram) if one.name in values}
    given |= {
        "format": values["format"] or FORMATS.index("unknown"),
        "title": values["title"] or "",
        "highlights": values["highlights"] or (),
        "badges": tuple(sorted(values["badges"] or ())),
    }
    return OwnProgram(file=file, line=line, **given)


_Wrong = tuple[str, str, str] | None


def _incomplete(values: Mapping[str, Any]) -> _Wrong:
    for name in _REQUIRED:
        if values[name] is None:
            return _COLUMN[name], "", _ADVICE["empty"]
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if values[one] is None and values[other] is not None:
            return _COLUMN[one], "", _ADVICE["half"]
    return None


def _unknown(one: OwnProgram, against: Against) -> _Wrong:
    """Tell what the row says that the catalog it goes into does not bear out."""
    if one.cip not in against.families:
        return "CIP", f"{one.cip // 100:02d}.{one.cip % 100:02d}", _ADVICE["cip"]
    if one.unitid not in OWN_SCHOOLS:
        school = against.schools.get(one.unitid)
        if school is None:
            return "SCHOOL_ID", str(one.unitid), _ADVICE["number"]
        if one.school_name and normal(one.school_name) != normal(school.name):
            advice = _ADVICE["other_school"].format(name=school.name)
            return "SCHOOL_NAME", one.school_name, advice
        return None
    for name in _OF_NEW_SCHOOLS:
        if getattr(one, name) is None:
            return _COLUMN[name], "", _ADVICE["new_school"]
    return None


def _misplaced(one: OwnProgram, codes: CodeMap) -> _Wrong:
    """Tell how what the row says of a new school's place contradicts itself."""
    if one.unitid not in OWN_SCHOOLS or not one.state:
        return None
    if one.postal_code and codes.region_of(one.postal_code) not in {None, one.state}:
        return "POSTAL_CODE", one.postal_code, _ADVICE["other_state"].format(state=one.state)
    if one.latitude is None or one.longitude is None:
        return None
    if is_nowhere(one.latitude, one.longitude):
        return "LATITUDE", str(one.latitude), _ADVICE["nowhere"]
    if codes.is_outside(one.state, one.latitude, one.longitude):
        return "LATITUDE", str(one.latitude), _ADVICE["outside"].format(state=one.state)
    return None


def _second(one: OwnProgram, same_school: Sequence[OwnProgram]) -> _Wrong:
    """Tell how the row is at odds with an earlier one of its school."""
    unknown = FORMATS.index("unknown")
    for earlier in same_school:
        if (earlier.cip, earlier.level) == (one.cip, one.level):
            if earlier.format == one.format:
                advice = _ADVICE["repeated"].format(other=earlier.where)
                return "SCHOOL_ID", str(one.unitid), advice
            if unknown in (earlier.format, one.format):
                return "FORMAT", "", _ADVICE["unclear"].format(other=earlier.where)
        for name in _OF_SCHOOLS if one.unitid in OWN_SCHOOLS else ():
            if getattr(earlier, name) != getattr(one, name):
                said = str(getattr(one, name) or "")
                return _COLUMN[name], said, _ADVICE["differs"].format(other=earlier.where)
    return None


def _left_out(one: OwnProgram, against: Against) -> list[Problem]:
    if one.unitid in OWN_SCHOOLS:
        return _doubts(one, against.codes)
    given = [name for name in _OF_SCHOOLS[1:] if getattr(one, name) is not None]
    return [
        Problem(one.line, _COLUMN[name], str(getattr(one, name)), _ADVICE["official"])
        for name in given
    ]


def _doubts(one: OwnProgram, codes: CodeMap) -> list[Problem]:
    """Tell what of a new school's place is to be checked though it is used."""
    if one.postal_code is None or one.latitude is None or one.longitude is None:
        return []
    miles = codes.miles_from(one.postal_code, one.latitude, one.longitude)
    if miles is None or miles <= FAR_MILES:
        return []
    return [Problem(one.line, "LATITUDE", str(one.latitude), _ADVICE["far"])]
