"""A catalog with all kinds of imported files: what is in it, and what the files say, agree."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from matcher.careers import career_of, career_source, occupation_of, occupations
from matcher.catalog import (
    CREDENTIALS,
    FORMATS,
    LEVELS,
    PRECISIONS,
    VERDICTS,
    Catalog,
    open_catalog,
)
from matcher.describe import facts, program, row_of, school, warnings
from matcher.geography import open_places, read_postal_code
from matcher.ingest import build_catalog
from matcher.ingest.compare import compare
from matcher.match import Engine, open_engine
from matcher.retrieve import retrieve
from matcher.said import badges
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers, Fact
from tests.support.careers import ASSISTANTS, MEDICAL_RECORDS, a_career, write_careers
from tests.support.catalogs import match_page
from tests.support.imports import kept
from tests.support.keys import RANKER_KEY

OFFICIAL = Path(__file__).parents[5] / "shared" / "data" / "scorecard_institutions.csv"
OWN = """\
school_id,school_name,state,city,postal_code,control,school_url,cip,credential,format,title,\
highlights,badges,source,as_of
194240,,,,,,,51.07,associate,online,Health Records Technology,Small classes|Evening clinic,\
online_courses|financial_aid,the school,2026-11-01
194240,,,,,,,51.38,associate,campus,,,,the school,2026
194240,,,,,,,51.38,associate,online,,,,the school,2026
9000001,Collège Exemple,ON,Ottawa,K1A 0B1,public,college.example,51.07,\
undergraduate_certificate,campus,Medical Coding,,credits_transfer,Ontario's list,2026
9000002,New School of Records,NY,,10940,private_for_profit,,51.07,associate,,,,,its letter,2026
"""
_CONTROL = {"public": "Public", "private_nonprofit": "Private, nonprofit"}
_FORMAT = {"1": "online", "2": "campus", "3": "both", "PS": "unknown"}
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Imported:
    """The catalog, and the rows of the files it was built from."""

    catalog: Catalog
    institutions: Rows
    programs: Rows
    said: list[str]


@pytest.fixture(scope="module")
def imported(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    store = tmp_path_factory.mktemp("imported")
    files = tmp_path_factory.mktemp("files")
    institutions, programs = _institutions(catalog), _programs(catalog)
    paths = [files / "institutions.csv", files / "field_of_study.csv", files / "own.csv"]
    _write(paths[0], institutions)
    _write(paths[1], programs)
    paths[2].write_text(OWN, encoding="utf-8")
    careers = [("5107", a_career(MEDICAL_RECORDS, ASSISTANTS)), ("5108", a_career(ASSISTANTS))]
    paths.append(write_careers(files / "careers.parquet", careers))
    said: list[str] = []
    imports = [kept(store, path, release="release of 2026") for path in paths]
    version = build_catalog(store, imports=imports, progress=said.append)
    return Imported(open_catalog(store / "catalog" / version), institutions, programs, said)


def _institutions(catalog: Catalog) -> Rows:
    chance = np.random.default_rng(4)
    return [
        {
            "UNITID": str(int(catalog.unitid[row])),
            "INSTNM": catalog.school_name[row],
            "CITY": "Middletown",
            "STABBR": catalog.regions[catalog.region[row]],
            "LATITUDE": f"{latitude + chance.uniform(-0.3, 0.3):.6f}",
            "LONGITUDE": f"{longitude + chance.uniform(-0.3, 0.3):.6f}",
            "INSTURL": f"www.school{row}.edu",
            "UGDS": _some(chance, int(chance.integers(0, 30_000))),
            "C150_4": _some(chance, round(float(chance.uniform(0, 1)), 4)),
            "NPT4_PUB": _some(chance, int(chance.integers(-500, 40_000))),
        }
        for row in chance.choice(np.flatnonzero(catalog.region >= 0), 260, replace=False).tolist()
        for latitude, longitude in [_somewhere(catalog, int(catalog.region[row]), chance)]
    ]


def _somewhere(catalog: Catalog, region: int, chance: np.random.Generator) -> tuple[float, float]:
    """Choose a postal code's place in a region."""
    places = open_places(catalog.path)
    known = np.flatnonzero((places.region == region) & ~np.isnan(places.point[:, 0]))
    latitude, longitude = places.point[int(chance.choice(known))].tolist()
    return latitude, longitude


def _programs(catalog: Catalog) -> Rows:
    """Rows about known programs, and one of each known school that the package lacks."""
    chance = np.random.default_rng(5)
    rows = [
        _program(catalog, row, chance)
        for row in chance.choice(len(catalog.school), 400, replace=False).tolist()
    ]
    for row in rows[:40]:
        while row_of(catalog, _id(row)) is not None:
            row["CIPCODE"] = catalog.cips[int(chance.integers(len(catalog.cips)))].replace(".", "")
    unique = {_id(row): row for row in rows}
    unique.pop("prog_194240.5107.2.-.-", None)
    return list(unique.values())


def _program(catalog: Catalog, row: int, chance: np.random.Generator) -> dict[str, str]:
    at = int(catalog.school[row])
    shown = school(catalog, at)
    return {
        "UNITID": str(shown.unitid),
        "INSTNM": shown.name,
        "CONTROL": _CONTROL.get(shown.control, "Private, for-profit"),
        "CIPCODE": catalog.cips[int(catalog.field[row])].replace(".", ""),
        "CREDLEV": str(LEVELS[catalog.credential[row]]),
        "DISTANCE": str(chance.choice(["1", "2", "3", "PS"])),
        "IPEDSCOUNT1": _some(chance, int(chance.integers(0, 300))),
        "EARN_MDN_4YR": _some(chance, int(chance.integers(15_000, 90_000))),
        "EARN_MDN_1YR": _some(chance, int(chance.integers(15_000, 90_000))),
        "DEBT_ALL_STGP_EVAL_MDN": _some(chance, int(chance.integers(1_000, 60_000))),
    }


def _some(chance: np.random.Generator, value: float) -> str:
    return "PS" if chance.random() < 0.3 else str(value)


def _write(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _id(row: Mapping[str, str], format_name: str = "-") -> str:
    return f"prog_{row['UNITID']}.{row['CIPCODE']}.{row['CREDLEV']}.{format_name}.-"


def _read(cell: str) -> float | None:
    return None if cell in {"PS", "NULL", ""} else float(cell)


def _facts(catalog: Catalog, row: int) -> dict[str, Fact]:
    return {fact.name.partition("_")[0]: fact for fact in facts(catalog, row).each()}


def test_two_hundred_random_programs_say_what_the_field_of_study_file_says_invariant_12(
    imported: Imported,
) -> None:
    catalog = imported.catalog
    chosen = np.random.default_rng(1).choice(len(imported.programs), 200, replace=False)
    for said in (imported.programs[place] for place in chosen.tolist()):
        format_name = _FORMAT[said["DISTANCE"]]
        row = row_of(catalog, _id(said, "-" if format_name == "unknown" else format_name))
        assert row is not None
        assert FORMATS[catalog.format[row]] == format_name
        shown = _facts(catalog, row)
        four, one = _read(said["EARN_MDN_4YR"]), _read(said["EARN_MDN_1YR"])
        assert shown["earnings"].value == (one if four is None else four)
        assert shown["earnings"].name == f"earnings_{'1yr' if four is None and one else '4yr'}"
        assert shown["debt"].value == _read(said["DEBT_ALL_STGP_EVAL_MDN"])
        assert shown["completers"].value == _read(said["IPEDSCOUNT1"])
        for name in ("earnings", "debt", "completers"):
            assert shown[name].source.endswith("field-of-study file")
            assert shown[name].year == "release of 2026"


def test_programs_that_the_file_lacks_keep_the_packages_figures(
    imported: Imported, catalog: Catalog
) -> None:
    in_file = {_id(row) for row in imported.programs}
    for row in np.random.default_rng(2).choice(len(catalog.school), 200).tolist():
        if (old := program(catalog, row).id) in in_file:
            continue
        new = row_of(imported.catalog, old)
        assert new is not None
        before, after = _facts(catalog, row), _facts(imported.catalog, new)
        for name in ("earnings", "debt", "completers"):
            assert (before[name].value, before[name].source) == (
                after[name].value,
                after[name].source,
            )


def _check_schools(catalog: Catalog, rows: Rows, *, files: tuple[str, ...]) -> None:
    """Compare 200 random rows of an institution file with the catalog, cell by cell."""
    completion, net_price = files
    by_unitid = {int(unitid): at for at, unitid in enumerate(catalog.unitid)}
    known = [row for row in rows if int(row["UNITID"]) in by_unitid]
    for place in np.random.default_rng(3).choice(len(known), 200, replace=False).tolist():
        said = known[place]
        at = by_unitid[int(said["UNITID"])]
        shown = school(catalog, at)
        assert (shown.state, shown.city) == (said["STABBR"], said["CITY"])
        for name, column in (("completion", completion), ("net_price", net_price)):
            figure, wanted = float(getattr(catalog, name)[at]), _read(said[column])
            assert figure == pytest.approx(wanted) if wanted is not None else math.isnan(figure)
        if _read(said["LATITUDE"]) is not None:
            assert PRECISIONS[catalog.place_precision[at]] == "exact"
            x, y, z = (float(part) for part in catalog.xyz[at])
            assert math.degrees(math.asin(z)) == pytest.approx(float(said["LATITUDE"]), abs=1e-4)
            degrees = math.degrees(math.atan2(y, x))
            assert degrees == pytest.approx(float(said["LONGITUDE"]), abs=1e-4)


def test_two_hundred_random_schools_say_what_the_institution_file_says_invariant_12(
    imported: Imported,
) -> None:
    _check_schools(imported.catalog, imported.institutions, files=("C150_4", "NPT4_PUB"))


@pytest.mark.slow
@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official file is not beside the project")
def test_two_hundred_random_schools_say_what_the_official_file_says_invariant_12(
    tmp_path: Path,
) -> None:
    version = build_catalog(tmp_path, imports=[kept(tmp_path, OFFICIAL)], progress=lambda _: None)
    with OFFICIAL.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    _check_schools(open_catalog(tmp_path / "catalog" / version), rows, files=("C150", "NPT4"))


def test_an_old_id_finds_its_program_when_its_format_becomes_known(
    imported: Imported, catalog: Catalog
) -> None:
    known = [row for row in imported.programs if row["DISTANCE"] != "PS"]
    assert len(known) > 200
    for said in known:
        row = row_of(imported.catalog, _id(said))
        assert row is not None
        format_name = _FORMAT[said["DISTANCE"]]
        assert program(imported.catalog, row).id == _id(said, format_name)
        if row_of(catalog, _id(said)) is not None:  # the way back, after a rollback
            assert row_of(catalog, _id(said, format_name)) == row_of(catalog, _id(said))


def test_what_is_known_to_be_online_is_never_found_as_what_is_on_campus(
    imported: Imported,
) -> None:
    campus = next(row for row in imported.programs if row["DISTANCE"] == "2")
    assert row_of(imported.catalog, _id(campus, "online")) is None


def test_every_earnings_verdict_is_the_comparison_it_says_it_is_invariant_13(
    imported: Imported,
) -> None:
    catalog = imported.catalog
    with np.errstate(invalid="ignore"):
        judged = ~np.isnan(catalog.earnings) & ~np.isnan(catalog.threshold)
        below = judged & (catalog.earnings < catalog.threshold)
    assert (np.equal(catalog.verdict, VERDICTS.index("below")) == below).all()
    assert (np.equal(catalog.verdict, VERDICTS.index("not_judged")) == ~judged).all()
    changed = catalog.figures_from == 1
    assert (below & changed).any()
    for row in np.flatnonzero(below & changed)[:20].tolist():
        assert "below_high_school_earnings" in {note.code for note in warnings(catalog, row)}


def test_a_schools_own_words_are_shown_as_its_own(imported: Imported) -> None:
    catalog = imported.catalog
    row = row_of(catalog, "prog_194240.5107.2.-.-")
    assert row is not None
    shown = program(catalog, row)
    assert (shown.id, shown.title) == ("prog_194240.5107.2.online.-", "Health Records Technology")
    assert shown.format is Format.ONLINE
    said = badges(catalog, row)
    assert [note.code for note in said] == [
        "online_courses",
        "financial_aid",
        "school_says",
        "school_says",
    ]
    assert said[2].values["text"] == "Small classes"
    for note in said:
        assert (note.values["source"], note.values["as_of"]) == ("the school", "2026-11-01")


def test_nothing_is_said_of_a_program_that_nobody_spoke_of_invariant_12(
    imported: Imported,
) -> None:
    spoken = sum(bool(badges(imported.catalog, row)) for row in range(len(imported.catalog.school)))
    assert spoken == 2


def test_a_field_leads_to_the_occupations_of_the_file_invariant_12(imported: Imported) -> None:
    catalog = imported.catalog
    career = career_of(catalog, catalog.cips.index("51.07"))
    assert career is not None
    assert (career.growth, career.openings) == (9.0, 126500.0)
    assert [one.soc for one in career.occupations] == ["29-2072", "31-9092"]
    assert (career.occupations[0].wage, career.occupations[0].growth) == (50250.0, 7.1)
    source = career_source(catalog)
    assert source is not None
    assert (source.outlook, source.release) == ("2024\u20132034", "release of 2026")
    assert source.licence.startswith("CC-BY-4.0")


def test_an_occupation_is_found_by_its_code(imported: Imported, catalog: Catalog) -> None:
    found = occupation_of(imported.catalog, "31-9092")
    assert found is not None
    assert (found.title, found.openings) == ("Medical Assistants", None)
    assert found.cips == ("51.07", "51.08")
    assert [one.soc for one in occupations(imported.catalog)] == ["29-2072", "31-9092"]
    for soc in ("11-0000", "30-0000", "99-9999"):
        assert occupation_of(imported.catalog, soc) is None
        assert occupation_of(catalog, soc) is None


def test_what_no_file_says_of_careers_is_not_said_invariant_12(
    imported: Imported, catalog: Catalog
) -> None:
    assert career_of(imported.catalog, imported.catalog.cips.index("51.38")) is None
    assert career_of(catalog, catalog.cips.index("51.07")) is None
    assert career_source(catalog) is None


def test_a_second_format_is_a_second_program_with_the_same_figures(
    imported: Imported, catalog: Catalog
) -> None:
    before = row_of(catalog, "prog_194240.5138.2.-.-")
    rows = [row_of(imported.catalog, f"prog_194240.5138.2.{f}.-") for f in ("campus", "online")]
    assert before is not None
    assert None not in rows
    assert rows[0] != rows[1]
    for row in rows:
        assert row is not None
        figures = [fact.value for fact in facts(imported.catalog, row).each()][:2]
        assert figures == [fact.value for fact in facts(catalog, before).each()][:2]


def test_a_canadian_school_is_placed_and_its_missing_figures_are_explained(
    imported: Imported,
) -> None:
    catalog = imported.catalog
    row = row_of(catalog, "prog_9000001.5107.1.campus.-")
    assert row is not None
    at = int(catalog.school[row])
    shown = school(catalog, at)
    assert (shown.name, shown.state, shown.city) == ("Collège Exemple", "ON", "Ottawa")
    assert PRECISIONS[catalog.place_precision[at]] == "city"
    ottawa = open_places(catalog.path).find(read_postal_code("K1A 0B1"))
    assert ottawa is not None
    assert catalog.xyz[at] == pytest.approx(np.array(ottawa.xyz), abs=1e-6)
    assert [note.code for note in warnings(catalog, row)] == ["figures_not_for_canada"]
    for fact in facts(catalog, row).each():
        assert fact.value is None
        assert "College Scorecard" in fact.source


def test_a_new_school_of_the_us_is_said_not_to_be_in_the_official_list(
    imported: Imported,
) -> None:
    row = row_of(imported.catalog, "prog_9000002.5107.2.-.-")
    assert row is not None
    assert [note.code for note in warnings(imported.catalog, row)] == [
        "school_not_in_official_list"
    ]


@pytest.fixture(scope="module")
def engine(imported: Imported, ranker_path: Path) -> Engine:
    return open_engine(imported.catalog.path, ranker_path, RANKER_KEY)


def test_a_canadian_student_finds_the_canadian_school_first_and_is_told_of_the_figures(
    engine: Engine,
) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="K1A0B1", fields=("51.07",))
    page = match_page(engine, answers)
    found = [listing for listing in page.listings if listing.school.state == "ON"]
    assert [listing.program.title for listing in found] == ["Medical Coding"]
    assert found[0].position == 1
    assert [note.code for note in found[0].badges] == ["credits_transfer"]
    assert "figures_not_for_canada" in [note.code for note in page.advice]
    assert "only_us_programs" not in [note.code for note in page.advice]


def test_how_many_formats_are_known_is_counted(engine: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, region="NY", format=Format.ONLINE)
    found = retrieve(engine.catalog, engine.index, engine.places, answers)
    known = engine.catalog.format[found.rows] != FORMATS.index("unknown")
    assert found.format_known == int(known.sum()) > 0


def test_slices_and_keys_fit_the_grown_catalog(imported: Imported) -> None:
    catalog = imported.catalog
    assert catalog.slices[-1, -1] == len(catalog.school)
    assert (np.diff(catalog.key) > 0).all()
    for field in range(0, len(catalog.cips), 40):
        for credential in range(len(CREDENTIALS)):
            rows = slice(*catalog.slices[field, credential : credential + 2])
            assert (catalog.field[rows] == field).all()
            assert (catalog.credential[rows] == credential).all()


def test_what_changed_is_counted_and_a_known_format_is_no_new_program(
    imported: Imported, catalog: Catalog
) -> None:
    changes = compare(catalog, imported.catalog)
    new = [row for row in imported.programs if row_of(catalog, _id(row)) is None]
    # Beside the file's: a second format of one program, and one program each of two schools.
    assert changes["programs_added"] == len(new) + 3
    assert changes["programs_removed"] == 0
    known = sum(row["DISTANCE"] != "PS" for row in imported.programs)
    assert (
        changes["programs_changed"]["format"]
        == known - sum(row["DISTANCE"] != "PS" for row in new) + 2
    )
    assert changes["programs_changed"]["title"] == 1
    assert changes["programs_changed"]["own_words"] == 2
    assert changes["schools_added"] == 2


def test_every_imported_file_is_a_source_with_its_changes(imported: Imported) -> None:
    sources = {row["key"]: row for row in imported.catalog.manifest["sources"]}
    assert set(sources) == {
        "programs",
        "zip_codes",
        "postal_codes",
        "institutions",
        "field_of_study",
        "own",
        "careers",
    }
    for key in ("institutions", "field_of_study", "own"):
        assert "0 rows refused" in sources[key]["changes"]
        assert sources[key]["licence"]
