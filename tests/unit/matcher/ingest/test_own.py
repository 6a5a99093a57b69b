from datetime import date
from pathlib import Path

import pytest

from matcher.catalog import BADGES, FORMATS
from matcher.ingest.own import Against, OwnFile, read_own
from matcher.ingest.truewise import SourceSchool
from matcher.ingest.whereabouts import CodeMap
from tests.support.codes import CODES

HEADER = (
    "school_id,cip,credential,format,title,highlights,badges,source,as_of,"
    "school_name,state,city,postal_code,latitude,longitude,control,school_url"
)
SCHOOLS = {194240: SourceSchool(194240, "Orange County Community College", "NY", 0)}
FAMILIES = (5107, 5138)
KNOWN: dict[str, str] = {
    "school_id": "194240",
    "cip": "51.07",
    "credential": "associate",
    "format": "online",
    "title": "Health Records Technology",
    "highlights": "Small classes | Clinic in town",
    "badges": "financial_aid|online_courses",
    "source": "the school",
    "as_of": "2026-11-01",
}
CANADIAN: dict[str, str] = {
    **KNOWN,
    "school_id": "9000001",
    "school_name": "Collège Exemple",
    "state": "ON",
    "city": "Ottawa",
    "postal_code": "k1a 0b1",
    "control": "public",
    "school_url": "college.example",
}


def read(tmp_path: Path, *rows: dict[str, str]) -> OwnFile:
    names = HEADER.split(",")
    lines = [",".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
    file = tmp_path / "own.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    against = Against(SCHOOLS, FAMILIES, CodeMap(CODES), date(2026, 11, 22))
    return read_own(file, "own.csv", against)


def test_a_row_about_a_known_school_is_read(tmp_path: Path) -> None:
    (row,) = read(tmp_path, KNOWN).rows
    assert (row.unitid, row.cip, row.level, FORMATS[row.format]) == (194240, 5107, 2, "online")
    assert (row.title, row.highlights) == (
        "Health Records Technology",
        ("Small classes", "Clinic in town"),
    )
    assert [BADGES[code] for code in row.badges] == ["online_courses", "financial_aid"]
    assert (row.source, row.as_of) == ("the school", "2026-11-01")


def test_a_row_about_a_canadian_school_is_read(tmp_path: Path) -> None:
    (row,) = read(tmp_path, CANADIAN).rows
    assert (row.unitid, row.state, row.postal_code) == (9_000_001, "ON", "K1A")
    assert (row.school_name, row.control) == ("Collège Exemple", 0)
    assert row.school_url == "https://college.example"


@pytest.mark.parametrize(
    ("row", "column", "advice"),
    [
        ({**KNOWN, "school_id": "100654"}, "SCHOOL_ID", "from 9000001 to 9999999"),
        ({**KNOWN, "school_id": ""}, "SCHOOL_ID", "is empty"),
        ({**KNOWN, "cip": "99.01"}, "CIP", "no family of the catalog"),
        ({**KNOWN, "cip": "51.7"}, "CIP", "like 51.07"),
        ({**KNOWN, "credential": "degree"}, "CREDENTIAL", "give one of"),
        ({**KNOWN, "format": "hybrid"}, "FORMAT", "campus, online, both"),
        ({**KNOWN, "badges": "best_school"}, "BADGES", "give one of online_courses"),
        ({**KNOWN, "highlights": "a|b|c|d"}, "HIGHLIGHTS", "at most 3"),
        ({**KNOWN, "title": "x" * 201}, "TITLE", "at most 200"),
        ({**KNOWN, "source": ""}, "SOURCE", "is empty"),
        ({**KNOWN, "as_of": ""}, "AS_OF", "is empty"),
        ({**KNOWN, "as_of": "last year"}, "AS_OF", "a year like 2026"),
        ({**KNOWN, "as_of": "2026-02-30"}, "AS_OF", "a year like 2026"),
        ({**KNOWN, "as_of": "2026-11-23"}, "AS_OF", "is in the future"),
        ({**KNOWN, "as_of": "2027"}, "AS_OF", "is in the future"),
        ({**KNOWN, "as_of": "20261101"}, "AS_OF", "a year like 2026"),
        ({**KNOWN, "as_of": "2026-W44-1"}, "AS_OF", "a year like 2026"),
        ({**KNOWN, "school_id": "9" * 400}, "SCHOOL_ID", "give the IPEDS number"),
        ({**KNOWN, "highlights": "Small classes|Best school #1"}, "HIGHLIGHTS", "“Best”"),
        ({**KNOWN, "highlights": "Our #1 program"}, "HIGHLIGHTS", "nobody has checked"),
        ({**KNOWN, "highlights": "A guaranteed job"}, "HIGHLIGHTS", "“guaranteed”"),
        ({**KNOWN, "highlights": "Free tuition"}, "HIGHLIGHTS", "“Free tuition”"),
        ({**KNOWN, "highlights": "La meilleure école"}, "HIGHLIGHTS", "“meilleure”"),
        ({**KNOWN, "title": "Number one in nursing"}, "TITLE", "“Number one”"),
        ({**CANADIAN, "postal_code": "10940"}, "POSTAL_CODE", "is not in ON"),
        ({**CANADIAN, "latitude": "0", "longitude": "0"}, "LATITUDE", "in the ocean"),
        (
            {**CANADIAN, "latitude": "41.44", "longitude": "-74.42"},
            "LATITUDE",
            "far outside ON",
        ),
        ({**CANADIAN, "latitude": "45.4", "longitude": "75.7"}, "LATITUDE", "far outside ON"),
        ({**KNOWN, "school_name": "Cornell University"}, "SCHOOL_NAME", "Orange County"),
        ({**CANADIAN, "state": "Ontario"}, "STATE", "two letters"),
        ({**CANADIAN, "state": ""}, "STATE", "a school that the official data lack"),
        ({**CANADIAN, "school_name": ""}, "SCHOOL_NAME", "a school that the official data lack"),
        ({**CANADIAN, "control": ""}, "CONTROL", "a school that the official data lack"),
        ({**CANADIAN, "postal_code": "Ottawa"}, "POSTAL_CODE", "K1A 0B1"),
        ({**CANADIAN, "latitude": "45.4"}, "LONGITUDE", "give both or neither"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_with_what_to_do(
    tmp_path: Path, row: dict[str, str], column: str, advice: str
) -> None:
    found = read(tmp_path, {**KNOWN, "cip": "51.38"}, row)
    (problem,) = found.findings.errors
    assert (problem.row, problem.column) == (3, column)
    assert advice in problem.line
    assert len(found.rows) == 1


def test_the_same_program_twice_is_an_error_and_another_format_is_not(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, KNOWN, {**KNOWN, "title": "Other"}).findings.errors
    assert "row 2 of own.csv" in problem.line
    (problem,) = read(tmp_path, KNOWN, {**KNOWN, "format": ""}).findings.errors
    assert problem.column == "FORMAT"
    assert len(read(tmp_path, KNOWN, {**KNOWN, "format": "campus"}).rows) == 2


def test_two_rows_of_a_new_school_say_the_same_of_it(tmp_path: Path) -> None:
    other = {**CANADIAN, "cip": "51.38", "city": "Toronto"}
    (problem,) = read(tmp_path, CANADIAN, other).findings.errors
    assert (problem.row, problem.column, problem.value) == (3, "CITY", "Toronto")
    assert len(read(tmp_path, CANADIAN, {**CANADIAN, "cip": "51.38"}).rows) == 2


def test_the_official_data_speak_for_the_schools_they_have(tmp_path: Path) -> None:
    named = {**KNOWN, "school_name": "orange county community college", "city": "Elsewhere"}
    found = read(tmp_path, named)
    assert not found.findings.errors
    assert [note.column for note in found.findings.notes] == ["CITY"]


def test_a_place_in_its_state_and_far_from_its_postal_code_is_used_with_a_note(
    tmp_path: Path,
) -> None:
    toronto = {**CANADIAN, "latitude": "43.65", "longitude": "-79.38"}
    found = read(tmp_path, toronto)
    assert not found.findings.errors
    assert [note.column for note in found.findings.notes] == ["LATITUDE"]
    assert found.rows[0].latitude == 43.65
    near = {**CANADIAN, "latitude": "45.42", "longitude": "-75.7"}
    assert not read(tmp_path, near).findings.notes


def test_a_statement_of_facts_is_taken(tmp_path: Path) -> None:
    said = {**KNOWN, "highlights": "Best practices in coding|Job fair each spring|Class of 1 to 1"}
    assert len(read(tmp_path, said).rows) == 1


def test_what_steers_a_terminal_is_told_without_it(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, {**KNOWN, "title": "Red \x1b[31m\nrow 9: fine"}).findings.errors
    assert problem.line.startswith("row 2, TITLE: “Red \ufffd[31m\ufffdrow 9: fine” is not a text")
    assert problem.line.isprintable()
