"""Reads the official field-of-study file of the College Scorecard: format and figures of programs.

A suppressed figure (``PS``) stays missing, also where another source has one. Rows of schools
abroad (they have no UNITID) and of families that this version has no name for are left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CONTROLS, FORMATS, HORIZONS
from matcher.ingest import cells
from matcher.ingest.tables import (
    Column,
    Findings,
    ImportRefusedError,
    Problem,
    open_table,
    read_cells,
)
from models.domain.errors import InvalidInputError

# What DISTANCE says, as schools report it to IPEDS: all programs of the family and level can be
# done at a distance, none can, some can. Releases may differ: a setting replaces this.
DISTANCE_CODES = "1=online,2=campus,3=both"

_ABROAD = len(CONTROLS)
_CONTROL = {
    "Public": 0,
    "Private, nonprofit": 1,
    "Private, for-profit": 2,
    "Foreign": _ABROAD,
    "1": 0,
    "2": 1,
    "3": 2,
}
_DOLLARS = cells.within(0, 2_000_000, "an amount in dollars")
# The figures in the official columns, the first with a value.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "completers": ("IPEDSCOUNT1", "IPEDSCOUNT2"),
    "earnings_4yr": ("EARN_MDN_4YR",),
    "earnings_1yr": ("EARN_MDN_1YR",),
    "debt": ("DEBT_ALL_STGP_EVAL_MDN", "DEBT_ALL_STGP_ANY_MDN"),
}
# Hairdressing is taught by hand: codes by which most of it is taught online are read wrongly.
_BY_HAND = 1204
_ENOUGH_BY_HAND = 20
_ADVICE = {
    "repeated": "is in an earlier row with this CIPCODE and CREDLEV; leave one",
    "empty": "is empty; every program has one",
    "swapped": "says that most hairdressing is taught online, so its codes mean something else; "
    "look them up in the data dictionary of this release and set DISTANCE_CODES",
}


@dataclass(slots=True)
class FieldOfStudyFile:
    """Columns of equal length, codes as in ``matcher.catalog``; missing figures are NaN.

    ``line`` is each row's number in the file; ``figures`` says which of ``earnings``, ``debt``
    and ``completers`` the file has columns for; ``formats`` whether it has DISTANCE.
    """

    unitid: NDArray[np.int32]
    cip: NDArray[np.int32]
    level: NDArray[np.int32]
    format: NDArray[np.uint8]
    completers: NDArray[np.float32]
    earnings: NDArray[np.float32]
    horizon: NDArray[np.uint8]
    debt: NDArray[np.float32]
    schools: Mapping[int, tuple[str, int]]
    figures: tuple[str, ...]
    formats: bool
    left_out: int
    findings: Findings = field(default_factory=Findings)


def read_distance_codes(text: str) -> dict[str, int]:
    """Read what DISTANCE's values mean: ``1=online,2=campus,3=both``.

    Raises:
        InvalidInputError: when it cannot be read so.
    """
    pairs = [part.strip().partition("=") for part in text.split(",")]
    codes = {code: FORMATS.index(name) for code, _, name in pairs if code and name in FORMATS}
    if len(codes) != len(pairs):
        raise InvalidInputError(
            {"DISTANCE_CODES": [f"“{text}” cannot be read; write it like {DISTANCE_CODES}"]}
        )
    return codes


def read_field_of_study(
    path: Path, distance_codes: Mapping[str, int], families: Iterable[int]
) -> FieldOfStudyFile:
    """Read the file whole, collecting every problem.

    Args:
        path: the CSV, or the ZIP as published.
        distance_codes: each value of DISTANCE and the format it stands for.
        families: the CIP families that this version knows; rows of others are left out.

    Raises:
        ImportRefusedError: when it is no CSV at all or lacks a required column.
    """
    findings, columns = Findings(), _columns(distance_codes)
    known, seen = frozenset(families), set[tuple[int, int, int]]()
    kept: list[dict[str, Any]] = []
    left_out = 0
    with open_table(path, columns, findings) as table:
        header = table.header
        for row in table.rows:
            if cells.is_nothing(row.cells["UNITID"]):
                left_out += 1
                continue
            values = read_cells(row, columns, findings)
            if values is None:
                continue
            if wrong := _disagreement(seen, values):
                findings.errors.append(Problem(row.line, *wrong))
            elif values["cip"] not in known or values["control"] == _ABROAD:
                left_out += 1
            else:
                seen.add((values["unitid"], values["cip"], values["level"]))
                kept.append(values)
    found = _as_columns(kept, header, left_out, findings)
    _check_hands(found)
    return found


def _columns(distance_codes: Mapping[str, int]) -> tuple[Column, ...]:
    control = cells.one_of(_CONTROL, "a kind of control")
    count = cells.within(0, 1_000_000, "a number of graduates")
    return (
        Column("unitid", ("UNITID",), cells.unitid, required=True),
        Column("cip", ("CIPCODE",), cells.cip_family, required=True),
        Column("level", ("CREDLEV",), cells.credential_level, required=True),
        Column("name", ("INSTNM",), cells.words, required=True),
        Column("control", ("CONTROL",), control, required=True),
        Column("format", ("DISTANCE",), cells.one_of(distance_codes, "a code we know")),
        Column("completers", FIGURES["completers"], count),
        Column("earnings_4yr", FIGURES["earnings_4yr"], _DOLLARS),
        Column("earnings_1yr", FIGURES["earnings_1yr"], _DOLLARS),
        Column("debt", FIGURES["debt"], _DOLLARS),
    )


def _disagreement(
    seen: set[tuple[int, int, int]], values: Mapping[str, Any]
) -> tuple[str, str, str] | None:
    for name, column in (("cip", "CIPCODE"), ("level", "CREDLEV"), ("control", "CONTROL")):
        if values[name] is None:
            return column, "", _ADVICE["empty"]
    if values["name"] is None:
        return "INSTNM", "", _ADVICE["empty"]
    if (values["unitid"], values["cip"], values["level"]) in seen:
        return "UNITID", str(values["unitid"]), _ADVICE["repeated"]
    return None


def _as_columns(
    rows: list[dict[str, Any]], header: tuple[str, ...], left_out: int, findings: Findings
) -> FieldOfStudyFile:
    def whole(name: str) -> NDArray[np.int32]:
        return np.array([row[name] for row in rows], np.int32)

    def figures(name: str) -> NDArray[np.float32]:
        values = [row[name] for row in rows]
        return np.array([np.nan if value is None else value for value in values], np.float32)

    four, one = figures("earnings_4yr"), figures("earnings_1yr")
    earnings = np.where(np.isnan(four), one, four)
    horizon = np.where(np.isnan(four), HORIZONS.index("1yr"), HORIZONS.index("4yr"))
    horizon[np.isnan(earnings)] = HORIZONS.index("none")
    present = {name for name, columns in FIGURES.items() if set(columns) & set(header)}
    return FieldOfStudyFile(
        unitid=whole("unitid"),
        cip=whole("cip"),
        level=whole("level"),
        format=np.array([row["format"] or 0 for row in rows], np.uint8),
        completers=figures("completers"),
        earnings=earnings,
        horizon=horizon.astype(np.uint8),
        debt=figures("debt"),
        schools={row["unitid"]: (row["name"], row["control"]) for row in rows},
        figures=tuple(sorted({name.partition("_")[0] for name in present})),
        formats="DISTANCE" in header,
        left_out=left_out,
        findings=findings,
    )


def _check_hands(found: FieldOfStudyFile) -> None:
    """Refuse codes that are read the wrong way round.

    Raises:
        ImportRefusedError: whatever the operator accepts: no row of such a file is good.
    """
    by_hand = found.format[(found.cip == _BY_HAND) & (found.format != FORMATS.index("unknown"))]
    online = int(np.count_nonzero(by_hand == FORMATS.index("online")))
    if len(by_hand) >= _ENOUGH_BY_HAND and online * 2 > len(by_hand):
        raise ImportRefusedError(Problem(1, "DISTANCE", "", _ADVICE["swapped"]))
