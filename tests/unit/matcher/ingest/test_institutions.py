import io
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest

from matcher.catalog import PRECISIONS, Catalog, open_catalog
from matcher.describe import facts, row_of, school
from matcher.ingest import build_catalog
from matcher.ingest.institutions import InstitutionFile, read_institutions
from matcher.ingest.tables import ImportRefusedError
from matcher.ingest.whereabouts import CodeMap
from tests.support.codes import CODES
from tests.support.imports import kept

HEADER = (
    "UNITID,INSTNM,CITY,STABBR,ZIP,LATITUDE,LONGITUDE,CONTROL,INSTURL,UGDS,"
    "C150_4,C150_L4,NPT4_PUB,NPT4_PRIV"
)
GOOD = (
    "194240,Orange County Community College,Middletown,NY,10940-6437,41.4386,-74.4272,1,"
    "sunyorange.edu,4000,NULL,0.31,7421,NULL"
)
OFFICIAL = Path(__file__).parents[5] / "shared" / "data" / "scorecard_institutions.csv"


def write(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    file = tmp_path / "institutions.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def read(tmp_path: Path, *rows: str) -> InstitutionFile:
    return read_institutions(write(tmp_path, *rows), CodeMap(CODES))


def changed(column: str, value: str) -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    return ",".join({**cells, column: value}.values())


def test_a_good_row_is_read_with_its_merged_columns(tmp_path: Path) -> None:
    row = read(tmp_path, GOOD).rows[194240]
    assert (row.city, row.state, row.zip) == ("Middletown", "NY", "10940")
    assert (row.latitude, row.longitude) == (41.4386, -74.4272)
    assert (row.completion, row.net_price, row.enrolment) == (0.31, 7421, 4000)
    assert row.url == "https://sunyorange.edu"


@pytest.mark.parametrize(
    ("column", "value", "advice"),
    [
        ("LATITUDE", "141.4", "from -90 to 90"),
        ("LATITUDE", "north", "from -90 to 90"),
        ("LATITUDE", "inf", "from -90 to 90"),
        ("LONGITUDE", "-740.4", "from -180 to 180"),
        ("LONGITUDE", "", "give both or neither"),
        ("UNITID", "abc", "give the IPEDS number"),
        ("UNITID", "١٩٤٢٤٠", "give the IPEDS number"),
        ("UNITID", "", "give the school's UNITID"),
        ("STABBR", "New York", "two letters"),
        ("C150_L4", "31", "from 0 to 1"),
        ("UGDS", "-5", "from 0"),
        ("CONTROL", "7", "from 1 to 3"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_with_what_to_do(
    tmp_path: Path, column: str, value: str, advice: str
) -> None:
    (problem,) = read(
        tmp_path, GOOD.replace("194240", "100654"), changed(column, value)
    ).findings.errors
    assert problem.row == 3
    assert problem.column == (column if value or column == "UNITID" else "LONGITUDE")
    assert advice in problem.line


def placed(latitude: str, longitude: str, zip_code: str = "10940") -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    cells |= {"LATITUDE": latitude, "LONGITUDE": longitude, "ZIP": zip_code}
    return ",".join(cells.values())


def test_coordinates_of_zero_are_an_error(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, placed("0", "0.0")).findings.errors
    assert (problem.row, problem.column) == (2, "LATITUDE")
    assert "in the ocean" in problem.line


@pytest.mark.parametrize(
    ("latitude", "longitude", "advice"),
    [("34.05", "-118.24", "far outside NY"), ("42.9", "-78.88", "100 miles from 10940")],
)
def test_coordinates_that_the_row_contradicts_are_not_used(
    tmp_path: Path, latitude: str, longitude: str, advice: str
) -> None:
    found = read(tmp_path, placed(latitude, longitude))
    assert not found.findings.errors
    (note,) = found.findings.notes
    assert advice in note.line
    row = found.rows[194240]
    assert (row.latitude, row.longitude, row.zip) == (None, None, "10940")


def test_a_zip_of_another_state_is_not_used(tmp_path: Path) -> None:
    found = read(tmp_path, placed("41.44", "-74.43", "90012"))
    assert [(note.column, note.value) for note in found.findings.notes] == [("ZIP", "90012")]
    assert (found.rows[194240].zip, found.rows[194240].latitude) == (None, 41.44)


def test_numbers_of_any_length_are_read_without_falling_over(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, changed("UNITID", "9" * 400)).findings.errors
    assert problem.column == "UNITID"


def test_a_broken_row_is_found_where_it_begins(tmp_path: Path) -> None:
    broken = GOOD.replace("Orange", '"Orange\n\n"') + ",more"
    problems = read(tmp_path, broken, GOOD + ",more").findings.errors
    assert [problem.row for problem in problems] == [2, 5]


def _damaged(kind: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", kind) as archive:
        archive.writestr("i.csv", "\n".join([HEADER] + [GOOD] * 50))
    content = bytearray(packed.getvalue())
    content[60:90] = b"\xff" * 30
    return bytes(content)


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_said_to_be_one(tmp_path: Path, kind: int) -> None:
    file = tmp_path / "file.zip"
    for content in (_damaged(kind), _damaged(kind)[:200]):
        file.write_bytes(content)
        with pytest.raises(ImportRefusedError) as refused:
            read_institutions(file)
        assert "a ZIP that is cut short or damaged" in refused.value.problems[0].line
        assert not refused.value.by_row


def test_a_school_listed_twice_is_an_error(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, GOOD, GOOD).findings.errors
    assert (problem.row, problem.column) == (3, "UNITID")


def test_a_row_with_a_cell_too_many_is_an_error(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, GOOD + ",more").findings.errors
    assert "15 cells where the header has 14" in problem.line


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://user@host.edu/",
        "www.a.edu and www.b.edu",
        "ftp://a.edu",
        "https://a.edu/<script>",
        "localhost",
        "http://127.0.0.1/",
        "https://a.edu:8443/",
    ],
)
def test_a_web_address_that_is_none_is_left_out_with_a_note(tmp_path: Path, url: str) -> None:
    found = read(tmp_path, changed("INSTURL", url))
    assert not found.findings.errors
    assert [note.column for note in found.findings.notes] == ["INSTURL"]
    assert found.rows[194240].url is None


@pytest.mark.parametrize(("zip_code", "read_as"), [("6437", "06437"), ("7260000", "00726")])
def test_leading_zeros_that_a_spreadsheet_dropped_come_back(
    tmp_path: Path, zip_code: str, read_as: str
) -> None:
    assert read(tmp_path, changed("ZIP", zip_code)).rows[194240].zip == read_as


def test_every_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "1,2", header="UNITID,INSTNM")
    with pytest.raises(ImportRefusedError) as refused:
        read_institutions(file)
    assert {problem.column for problem in refused.value.problems} == {
        "CITY",
        "STABBR",
        "LATITUDE",
        "LONGITUDE",
    }


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"UNITID\0,INSTNM\n", b"\x89PNG\r\n"])
def test_what_is_no_csv_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    with pytest.raises(ImportRefusedError):
        read_institutions(file)


def test_errors_publish_nothing_unless_good_rows_are_accepted(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, changed("LATITUDE", "99").replace("194240", "100654"))
    store = tmp_path / "store"
    with pytest.raises(ImportRefusedError):
        build_catalog(store, imports=[kept(store, file)], progress=lambda _: None)
    assert not (store / "catalog").exists()
    said: list[str] = []
    good = kept(store, file, good_rows_only=True)
    version = build_catalog(store, imports=[good], progress=said.append)
    assert (store / "catalog" / version).is_dir()
    assert any(line.startswith(f"Left out: {file.name}, row 3, LATITUDE") for line in said)


def test_after_the_import_a_school_is_where_the_file_says(tmp_path: Path) -> None:
    imported = kept(tmp_path, write(tmp_path, GOOD), release="release of June 2026")
    version = build_catalog(tmp_path, imports=[imported], progress=lambda _: None)
    catalog = open_catalog(tmp_path / "catalog" / version)
    row = row_of(catalog, "prog_194240.5107.2.-.-")
    assert row is not None
    at = int(catalog.school[row])
    shown = school(catalog, at)
    assert (shown.city, shown.url) == ("Middletown", "https://sunyorange.edu")
    assert PRECISIONS[catalog.place_precision[at]] == "exact"
    values = {fact.name: fact for fact in facts(catalog, row).each()}
    assert (values["net_price"].value, values["completion"].value) == (7421, 0.31)
    assert values["net_price"].year == values["completion"].year == "release of June 2026"
    latitude = math.degrees(math.asin(float(catalog.xyz[at, 2])))
    assert latitude == pytest.approx(41.4386, abs=1e-4)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official file is not beside the project")
def test_the_official_file_imports_without_an_error(catalog: Catalog, tmp_path: Path) -> None:
    version = build_catalog(tmp_path, imports=[kept(tmp_path, OFFICIAL)], progress=lambda _: None)
    with_file = open_catalog(tmp_path / "catalog" / version)
    assert (with_file.key == catalog.key).all()
    exact = with_file.place_precision[with_file.school] == PRECISIONS.index("exact")
    assert float(exact.mean()) > 0.97
    assert int(np.isfinite(with_file.net_price).sum()) == 5018
