"""The occupations file: what it says is read, what is wrong in it is named."""

from pathlib import Path
from typing import Any

import pytest

from matcher.ingest.careers import career_texts, is_careers_file, read_careers
from matcher.ingest.imports import kind_of
from matcher.ingest.tables import ImportRefusedError
from tests.support.careers import ASSISTANTS, MEDICAL_RECORDS, a_career, write_careers

FAMILIES = (5107, 5108, 5138)


def test_the_file_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    file = write_careers(tmp_path / "any-name.bin", [("5107", a_career(MEDICAL_RECORDS))])
    assert is_careers_file(file)
    assert kind_of(file) == "careers"
    other = tmp_path / "table.csv"
    other.write_text("UNITID,INSTNM\n1,A\n")
    assert not is_careers_file(other)


def test_what_the_file_says_is_read_with_the_years_of_its_outlook(tmp_path: Path) -> None:
    rows = [
        ("5108", a_career(ASSISTANTS)),
        ("5107", a_career(MEDICAL_RECORDS, ASSISTANTS, growth_pct=None)),
    ]
    found = read_careers(write_careers(tmp_path / "f", rows), FAMILIES)
    assert found.findings.errors == found.findings.notes == []
    assert found.outlook == "2024\u20132034"
    assert found.careers["5107"] == {
        "growth": None,
        "openings": 126500.0,
        "occupations": ["29-2072", "31-9092"],
    }
    assert found.occupations == {"29-2072": MEDICAL_RECORDS, "31-9092": ASSISTANTS}


def test_occupations_know_the_fields_that_lead_to_them(tmp_path: Path) -> None:
    rows = [("5107", a_career(MEDICAL_RECORDS, ASSISTANTS)), ("5108", a_career(ASSISTANTS))]
    found = read_careers(write_careers(tmp_path / "f", rows), FAMILIES)
    texts = career_texts(found, FAMILIES)
    assert [bool(text) for text in texts["career"]] == [True, True, False]
    assert texts["career"][0].endswith('"occupations":[0,1]}')
    assert ['"cips":["51.07"]' in text for text in texts["occupation"]] == [True, False]
    assert '"cips":["51.07","51.08"]' in texts["occupation"][1]


def test_a_family_without_programs_is_left_out_with_a_note(tmp_path: Path) -> None:
    rows = [("6102", a_career(ASSISTANTS)), ("5107", a_career(MEDICAL_RECORDS))]
    found = read_careers(write_careers(tmp_path / "f", rows), FAMILIES)
    assert list(found.careers) == ["5107"]
    assert [(note.row, note.value) for note in found.findings.notes] == [(2, "6102")]
    assert len(career_texts(found, FAMILIES)["occupation"]) == 1


@pytest.mark.parametrize(
    ("cip", "said", "column", "advice"),
    [
        ("51.07", a_career(), "cip_code", "no 4-digit CIP family"),
        ("5107", "not json", "demand_json", "no JSON object"),
        ("5107", "[]", "demand_json", "no JSON object"),
        ("5107", {"occupations": "none"}, "demand_json", "no JSON object"),
        ("5107", a_career({"soc": "29-2072"}), "demand_json", "without a code"),
        ("5107", a_career({"soc": "2072", "title": "A"}), "demand_json", "without a code"),
        ("5107", {"occupations": ["29-2072"]}, "demand_json", "without a code"),
        ("5107", a_career({**ASSISTANTS, "wage": "high"}), "demand_json", "no figure"),
        ("5107", a_career(growth_pct=True), "demand_json", "no figure"),
        ("5107", '{"growth_pct": Infinity}', "demand_json", "no figure"),
        ("5107", '{"growth_pct": 1' + "0" * 400 + "}", "demand_json", "no figure"),
        ("5107", "[" * 100_000, "demand_json", "no JSON object"),
        ("5107", a_career({**ASSISTANTS, "title": "\ud800"}), "demand_json", "can be shown"),
        ("5107", a_career({**ASSISTANTS, "wage": "\ud800"}), "demand_json", "no figure"),
        ("5107", a_career({**ASSISTANTS, "wage": 1.0}), "demand_json", "other figures"),
    ],
)
def test_what_is_wrong_in_a_row_is_named_and_the_others_are_read(
    tmp_path: Path, cip: str, said: Any, column: str, advice: str
) -> None:
    rows = [("0100", a_career(ASSISTANTS)), (cip, said)]
    found = read_careers(write_careers(tmp_path / "f", rows), (100, *FAMILIES))
    (error,) = found.findings.errors
    assert (error.row, error.column) == (2, column)
    assert advice in error.advice
    assert list(found.careers) == ["0100"]


def test_a_family_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    rows = [("5107", a_career(ASSISTANTS)), ("5107", a_career(MEDICAL_RECORDS))]
    found = read_careers(write_careers(tmp_path / "f", rows), FAMILIES)
    assert ["stands twice" in error.advice for error in found.findings.errors] == [True]


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1 and something else PAR1"])
def test_a_damaged_file_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(ImportRefusedError) as refused:
        read_careers(tmp_path / "f", FAMILIES)
    assert "no Parquet file with the columns" in refused.value.problems[0].advice
