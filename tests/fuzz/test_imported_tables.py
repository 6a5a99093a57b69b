"""Tables that operators import, with odd cells, odd bytes and odd archives in them.

Never a traceback: a table that cannot be read is refused, each row that cannot be used is named
with its column and what to do, and every row that is not named was taken whole.
"""

import csv
import io
import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ingest.careers import career_texts, read_careers
from matcher.ingest.fieldofstudy import DISTANCE_CODES, read_distance_codes, read_field_of_study
from matcher.ingest.imports import kind_of
from matcher.ingest.institutions import read_institutions
from matcher.ingest.own import Against, read_own
from matcher.ingest.snapshot import text_column
from matcher.ingest.tables import Findings, ImportRefusedError, Problem
from matcher.ingest.truewise import SourceSchool
from matcher.ingest.whereabouts import CodeMap
from tests.fuzz.odd import odd_bytes, odd_json, odd_text, search
from tests.support.careers import ASSISTANTS, MEDICAL_RECORDS, a_career, write_careers
from tests.support.codes import CODES

FAMILIES = (100, 1204, 5107, 5108, 5138)
SCHOOLS = {194240: SourceSchool(194240, "Orange County Community College", "NY", 0)}
AGAINST = Against(SCHOOLS, FAMILIES, CodeMap(CODES), date(2026, 11, 22))
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """What came of a table: the numbers of the rows that were taken, and what was said."""

    taken: int
    findings: Findings


def own(path: Path) -> Read:
    found = read_own(path, path.name, AGAINST)
    for one in found.rows:
        assert one.cip in FAMILIES
        texts = [one.title, one.source, one.school_name or "", one.city or "", *one.highlights]
        assert all(text.isprintable() for text in texts)
        assert one.latitude is None or -90 <= one.latitude <= 90
    return Read(len(found.rows), found.findings)


def institutions(path: Path) -> Read:
    found = read_institutions(path, AGAINST.codes)
    for unitid, one in found.rows.items():
        assert 100_000 <= unitid <= 99_999_999
        figures = (one.latitude, one.longitude, one.completion, one.net_price, one.enrolment)
        assert all(figure is None or math.isfinite(figure) for figure in figures)
    return Read(len(found.rows), found.findings)


def field_of_study(path: Path) -> Read:
    found = read_field_of_study(path, read_distance_codes(DISTANCE_CODES), FAMILIES)
    for figures in (found.completers, found.earnings, found.debt):
        assert not np.isinf(figures).any()
        assert not (figures < 0).any()
    return Read(len(found.unitid) + found.left_out, found.findings)


@dataclass(frozen=True)
class Kind:
    """A kind of table: how it is read, and rows of it that are right."""

    read: Callable[[Path], Read]
    rows: Sequence[Cells]


_KNOWN = {
    "school_id": "194240",
    "cip": "51.07",
    "credential": "associate",
    "format": "online",
    "title": "Health Records Technology",
    "highlights": "Small classes | Clinic in town",
    "badges": "financial_aid|online_courses",
    "source": "the school",
    "as_of": "2026-11-01",
    **dict.fromkeys(("school_name", "state", "city", "postal_code", "control", "school_url"), ""),
    **dict.fromkeys(("latitude", "longitude"), ""),
}
_CANADIAN = {
    **_KNOWN,
    "school_id": "9000001",
    "school_name": "Collège Exemple",
    "state": "ON",
    "city": "Ottawa",
    "postal_code": "k1a 0b1",
    "latitude": "45.42",
    "longitude": "-75.7",
    "control": "public",
    "school_url": "college.example",
}
_SCHOOL = {
    "UNITID": "194240",
    "INSTNM": "Orange County Community College",
    "CITY": "Middletown",
    "STABBR": "NY",
    "ZIP": "10940-6437",
    "LATITUDE": "41.4386",
    "LONGITUDE": "-74.4272",
    "CONTROL": "1",
    "INSTURL": "sunyorange.edu",
    "UGDS": "4000",
    "C150_4": "NULL",
    "C150_L4": "0.31",
    "NPT4_PUB": "7421",
}
_PROGRAM = {
    "UNITID": "194240",
    "INSTNM": "Orange County Community College",
    "CONTROL": "Public",
    "CIPCODE": "5107",
    "CREDLEV": "2",
    "DISTANCE": "3",
    "IPEDSCOUNT1": "12",
    "IPEDSCOUNT2": "14",
    "EARN_MDN_4YR": "38000",
    "EARN_MDN_1YR": "31000",
    "DEBT_ALL_STGP_EVAL_MDN": "8500",
}
KINDS = {
    "own": Kind(own, (_KNOWN, _CANADIAN)),
    "institutions": Kind(institutions, (_SCHOOL, {**_SCHOOL, "UNITID": "100654"})),
    "field_of_study": Kind(field_of_study, (_PROGRAM, {**_PROGRAM, "CIPCODE": "0100"})),
}
# What is a number somewhere, written as people, spreadsheets and attackers write it.
_NUMBERS = (
    "1_0",
    "\uff11\uff12",
    "+5",
    "1e3",
    " 7",
    "0x1f",
    "12,5",
    "-0",
    "infinity",
    "00194240",
    "194240.0",
)


@st.composite
def odd_rows(draw: st.DrawFn, kind: Kind) -> list[Cells]:
    """Draw rows of a kind with odd cells in them."""
    rows: list[Cells] = []
    for _ in range(draw(st.integers(1, 5))):
        row = dict(draw(st.sampled_from(kind.rows)))
        for name in draw(st.lists(st.sampled_from(sorted(row)), max_size=3)):
            row[name] = draw(st.one_of(st.sampled_from(_NUMBERS), odd_text))
        rows.append(row)
    return rows


def as_csv(rows: Sequence[Cells], header: Sequence[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([row[name] for name in header] for row in rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_zip(table: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", table)
    return out.getvalue()


def check_said(problems: Sequence[Problem]) -> None:
    """Each problem names its row and column and says, in one line, what to do."""
    for one in problems:
        assert one.row >= 1
        assert one.column
        assert len(one.advice) > 10, one
        assert one.line.isprintable(), one
        assert f"row {one.row}" in one.line


def read_safely(kind: Kind, path: Path) -> Read | None:
    """Read a table; None when it was refused, and said why."""
    try:
        kind_of(path)
        found = kind.read(path)
    except ImportRefusedError as refused:
        check_said(refused.problems)
        return None
    check_said([*found.findings.errors, *found.findings.notes])
    return found


@pytest.mark.parametrize("name", KINDS)
def test_every_row_of_a_table_is_taken_or_named(name: str, tmp_path: Path) -> None:
    kind, path = KINDS[name], tmp_path / "table.csv"

    @search(times=10)
    @given(rows=odd_rows(kind))
    def try_rows(rows: list[Cells]) -> None:
        path.write_bytes(as_csv(rows, list(kind.rows[0])))
        found = read_safely(kind, path)
        if found is not None:
            named = {problem.row for problem in found.findings.errors}
            assert found.taken + len(named) == len(rows)

    try_rows()


@pytest.mark.parametrize("name", KINDS)
def test_a_table_of_odd_columns_and_bytes_is_read_or_refused(name: str, tmp_path: Path) -> None:
    kind, path = KINDS[name], tmp_path / "table.csv"
    names = list(kind.rows[0])
    headers = st.one_of(
        st.permutations(names),
        st.lists(st.one_of(st.sampled_from(names), odd_text), max_size=len(names) + 2),
    )

    @search(times=10)
    @given(rows=odd_rows(kind), header=headers, zipped=st.booleans(), data=st.data())
    def try_bytes(rows: list[Cells], header: list[str], zipped: bool, data: st.DataObject) -> None:
        filled = [{name: row.get(name, "x") for name in header} for row in rows]
        table = as_csv(filled, header)
        path.write_bytes(data.draw(odd_bytes(as_zip(table) if zipped else table)))
        read_safely(kind, path)

    try_bytes()


def test_every_row_of_an_occupations_file_is_taken_or_named(tmp_path: Path) -> None:
    path = tmp_path / "careers.parquet"
    right = a_career(MEDICAL_RECORDS, ASSISTANTS)
    occupation = st.fixed_dictionaries(
        {name: st.one_of(st.just(value), odd_json) for name, value in ASSISTANTS.items()}
    )
    said = st.fixed_dictionaries(
        {name: st.one_of(st.just(value), odd_json) for name, value in right.items()}
        | {"occupations": st.one_of(st.lists(st.one_of(occupation, odd_json)), odd_json)}
    )
    families = st.one_of(st.sampled_from(["5107", "5108", "6102"]), odd_text)
    row = st.tuples(families, st.one_of(st.just(right), said, odd_text, st.just("[" * 100_000)))

    @search(times=2)
    @given(rows=st.lists(row, min_size=1, max_size=4), data=st.data())
    def try_rows(rows: list[tuple[str, Any]], data: st.DataObject) -> None:
        writable = [(_text(cip), one) for cip, one in rows]
        write_careers(path, writable)
        if spoiled := data.draw(st.integers(0, 3)) == 3:
            path.write_bytes(data.draw(odd_bytes(path.read_bytes())))
        try:
            found = read_careers(path, FAMILIES)
        except ImportRefusedError as refused:
            check_said(refused.problems)
            return
        check_said([*found.findings.errors, *found.findings.notes])
        named = len(found.findings.errors) + len(found.findings.notes)
        assert spoiled or len(found.careers) + named == len(rows)
        for texts in career_texts(found, FAMILIES).values():
            text_column(texts)

    try_rows()


def _text(text: str) -> str:
    """What a Parquet file can hold."""
    return text.encode("utf-8", "replace").decode()
