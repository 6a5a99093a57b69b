import zipfile
from pathlib import Path

import numpy as np
import pytest

from matcher.catalog import FORMATS, HORIZONS
from matcher.ingest.fieldofstudy import (
    DISTANCE_CODES,
    FieldOfStudyFile,
    read_distance_codes,
    read_field_of_study,
)
from matcher.ingest.tables import ImportRefusedError
from models.domain.errors import InvalidInputError

# As in the official file, in which these stand among 178 columns.
HEADER = (
    "UNITID,OPEID6,INSTNM,CONTROL,MAIN,CIPCODE,CIPDESC,CREDLEV,CREDDESC,IPEDSCOUNT1,IPEDSCOUNT2,"
    "DEBT_ALL_STGP_ANY_MDN,DEBT_ALL_STGP_EVAL_MDN,EARN_MDN_1YR,EARN_MDN_4YR,DISTANCE"
)
GOOD = (
    "194240,002875,Orange County Community College,Public,1,5107,Health Administration.,2,"
    "Associate's Degree,12,14,9000,8500,31000,38000,3"
)
FAMILIES = (100, 1204, 5107)


def write(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    file = tmp_path / "Most-Recent-Cohorts-Field-of-Study.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def read(tmp_path: Path, *rows: str) -> FieldOfStudyFile:
    return read_field_of_study(
        write(tmp_path, *rows), read_distance_codes(DISTANCE_CODES), FAMILIES
    )


def changed(**cells: str) -> str:
    quoted = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    return ",".join(f'"{cell}"' for cell in {**quoted, **cells}.values())


def test_a_good_row_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert (found.unitid[0], found.cip[0], found.level[0]) == (194240, 5107, 2)
    assert (found.completers[0], found.earnings[0], found.debt[0]) == (12, 38000, 8500)
    assert HORIZONS[found.horizon[0]] == "4yr"
    assert FORMATS[found.format[0]] == "both"
    assert found.schools == {194240: ("Orange County Community College", 0)}
    assert found.figures == ("completers", "debt", "earnings")


@pytest.mark.parametrize("nothing", ["PS", "PrivacySuppressed", "NULL", "NA", ""])
def test_what_is_suppressed_stays_missing_invariant_12(tmp_path: Path, nothing: str) -> None:
    names = ("IPEDSCOUNT1", "IPEDSCOUNT2", "EARN_MDN_4YR", "EARN_MDN_1YR", "DISTANCE")
    debts = ("DEBT_ALL_STGP_ANY_MDN", "DEBT_ALL_STGP_EVAL_MDN")
    found = read(tmp_path, changed(**dict.fromkeys([*names, *debts], nothing)))
    assert not found.findings.errors
    for figures in (found.completers, found.earnings, found.debt):
        assert np.isnan(figures[0])
    assert HORIZONS[found.horizon[0]] == "none"
    assert FORMATS[found.format[0]] == "unknown"


def test_earnings_of_one_year_stand_in_and_say_so(tmp_path: Path) -> None:
    found = read(tmp_path, changed(EARN_MDN_4YR="PS"))
    assert (found.earnings[0], HORIZONS[found.horizon[0]]) == (31000, "1yr")


def test_a_figure_of_zero_is_a_figure(tmp_path: Path) -> None:
    assert read(tmp_path, changed(IPEDSCOUNT1="0")).completers[0] == 0


def test_leading_zeros_that_a_spreadsheet_dropped_come_back(tmp_path: Path) -> None:
    assert list(read(tmp_path, changed(CIPCODE="100"), changed(CIPCODE="5107")).cip) == [100, 5107]


@pytest.mark.parametrize(("code", "format_name"), [("1", "online"), ("2", "campus"), ("3", "both")])
def test_the_distance_flag_gives_the_format(tmp_path: Path, code: str, format_name: str) -> None:
    assert FORMATS[read(tmp_path, changed(DISTANCE=code)).format[0]] == format_name


@pytest.mark.parametrize(
    ("column", "value", "advice"),
    [
        ("UNITID", "abc", "give the IPEDS number"),
        ("CIPCODE", "Nursing", "like 51.07"),
        ("CIPCODE", "", "is empty"),
        ("CREDLEV", "12", "give one of 1, 2, 3"),
        ("CREDLEV", "", "is empty"),
        ("CONTROL", "Secret", "give one of Public"),
        ("EARN_MDN_4YR", "much", "give a number"),
        ("IPEDSCOUNT1", "-1", "from 0"),
        ("DISTANCE", "0", "give one of 1, 2, 3"),
        ("INSTNM", "x" * 300, "at most 200"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_with_what_to_do(
    tmp_path: Path, column: str, value: str, advice: str
) -> None:
    found = read(tmp_path, changed(UNITID="100654"), changed(**{column: value}))
    (problem,) = found.findings.errors
    assert (problem.row, problem.column) == (3, column)
    assert advice in problem.line
    assert list(found.unitid) == [100654]


def test_a_program_listed_twice_is_an_error(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, GOOD, GOOD).findings.errors
    assert (problem.row, problem.column) == (3, "UNITID")


def test_schools_abroad_and_families_without_a_name_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    rows = [changed(UNITID="NA"), changed(CONTROL="Foreign"), changed(CIPCODE="9901"), GOOD]
    found = read(tmp_path, *rows)
    assert (found.left_out, len(found.unitid), found.findings.errors) == (3, 1, [])


def test_codes_by_which_hairdressing_is_taught_online_are_refused(tmp_path: Path) -> None:
    salons = [changed(UNITID=str(100700 + n), CIPCODE="1204", DISTANCE="1") for n in range(20)]
    with pytest.raises(ImportRefusedError, match="DISTANCE_CODES"):
        read(tmp_path, *salons)
    codes = read_distance_codes("1=campus,2=online,3=both")
    found = read_field_of_study(write(tmp_path, *salons), codes, FAMILIES)
    assert {FORMATS[code] for code in found.format} == {"campus"}


@pytest.mark.parametrize("text", ["", "1", "1=here", "=online", "1=online;2=campus"])
def test_codes_that_cannot_be_read_are_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="DISTANCE_CODES"):
        read_distance_codes(text)


def test_the_file_is_read_from_the_zip_it_is_published_in(tmp_path: Path) -> None:
    csv, packed = write(tmp_path, GOOD), tmp_path / "file.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(csv, "Most-Recent-Cohorts-Field-of-Study.csv")
        archive.writestr("data.yaml", "a dictionary")
    codes = read_distance_codes(DISTANCE_CODES)
    assert list(read_field_of_study(packed, codes, FAMILIES).unitid) == [194240]


def test_a_zip_that_broke_or_holds_no_table_is_refused(tmp_path: Path) -> None:
    packed, codes = tmp_path / "file.zip", read_distance_codes(DISTANCE_CODES)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ImportRefusedError, match="0 CSV files"):
        read_field_of_study(packed, codes, FAMILIES)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("file.csv", "\n".join([HEADER, *[GOOD] * 500]))
    content = bytearray(packed.read_bytes())
    content[200:220] = b"\0" * 20
    packed.write_bytes(content)
    with pytest.raises(ImportRefusedError, match="damaged; get it again"):
        read_field_of_study(packed, codes, FAMILIES)
