import hashlib
import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.catalog.command import catalog
from tests.support.environment import installation
from tests.support.fileserver import serving_file

FILE = """UNITID,INSTNM,CITY,STABBR,LATITUDE,LONGITUDE,INSTURL,NPT4_PUB
194240,Orange County Community College,Middletown,NY,41.4386,-74.4272,sunyorange.edu,7421
100654,Alabama A & M University,Normal,AL,{latitude},-86.568502,www.aamu.edu,17621
"""
Run = Callable[..., Any]


PROJECT = Path(__file__).parents[3]
PROGRAMS = """UNITID,INSTNM,CONTROL,CIPCODE,CREDLEV,DISTANCE,IPEDSCOUNT1,EARN_MDN_4YR
194240,Orange County Community College,Public,5107,2,1,31,PS
100654,Alabama A & M University,Public,0100,3,2,PS,41000
"""
OWN = """school_id,cip,credential,title,highlights,badges,source,as_of
194240,51.07,associate,{title},Evening clinic,financial_aid,the school,2026
"""


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return installation(database_url, tmp_path)


@pytest.fixture
def invoke(environment: Mapping[str, str]) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(catalog, [str(w) for w in words], env=environment)


@pytest.fixture
def run(invoke: Callable[..., Result]) -> Run:
    def run(*words: object) -> Any:
        result = invoke(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(latitude: str) -> Path:
        file = tmp_path / "Most-Recent-Cohorts-Institution_05192025.csv"
        file.write_text(FILE.format(latitude=latitude))
        return file

    return write


@pytest.mark.slow
def test_an_operator_builds_imports_compares_and_rolls_back(
    invoke: Callable[..., Result], run: Run, write: Callable[[str], Path]
) -> None:
    assert run("list") == []
    plain = run("build", "--publish")
    assert (plain["published"], plain["before"]) == (True, None)

    imported = run("import", write("34.783368"))
    assert (imported["published"], imported["before"]) == (True, plain["version"])
    assert imported["counts"]["schools_by_precision"]["exact"] == 2

    changes = run("diff", plain["version"], imported["version"])
    assert (changes["programs_added"], changes["programs_removed"]) == (0, 0)
    assert changes["schools_changed"]["net_price"] == 2
    assert changes["schools_changed"]["school_url"] == 2
    assert set(changes["programs_changed"].values()) == {0}

    assert run("rollback")["version"] == plain["version"]
    assert [row["version"] for row in run("list") if row["published"]] == [plain["version"]]
    again = invoke("rollback")
    assert again.exit_code == 1
    assert "there is no way back" in again.output
    assert run("publish", imported["version"])["before"] == plain["version"]


@pytest.mark.slow
def test_a_file_with_errors_publishes_nothing_and_says_what_to_mend(
    invoke: Callable[..., Result], run: Run, write: Callable[[str], Path]
) -> None:
    refused = invoke("import", write("341"))
    assert refused.exit_code == 1
    assert "row 3, LATITUDE: “341” is not a latitude" in refused.output
    assert "--accept-good-rows" in refused.output
    problems = json.loads(invoke("import", write("341"), "--json").stdout)
    assert problems["published"] is False
    assert [problem["row"] for problem in problems["errors"]] == [3]
    assert run("list") == []
    accepted = run("import", write("341"), "--accept-good-rows")
    assert accepted["counts"]["schools_by_precision"]["exact"] == 1


@pytest.mark.slow
def test_a_build_waits_until_it_is_published(invoke: Callable[..., Result]) -> None:
    built = invoke("build")
    assert "not yet in service" in built.output
    assert "Reading programs" in built.stderr
    assert "There is no way back" not in built.output
    assert "there is no way back" in invoke("rollback").output


@pytest.mark.slow
def test_files_that_were_changed_are_never_put_in_service(
    invoke: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    version = run("build")["version"]
    file = tmp_path / "store" / "catalog" / version / "earnings.npy"
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    refused = invoke("publish", version)
    assert refused.exit_code == 1
    assert "not what was built" in refused.output
    assert not run("list")[0]["published"]


@pytest.mark.parametrize("version", ["zzz", "0000000000000000", "../../etc", ""])
def test_a_version_that_is_not_there_is_said_plainly(
    invoke: Callable[..., Result], version: str
) -> None:
    refused = invoke("publish", version)
    assert refused.exit_code == 1
    assert f"There is no catalog {version}" in refused.output


@pytest.mark.slow
def test_imports_come_together_and_importing_again_changes_nothing(
    run: Run, write: Callable[[str], Path], tmp_path: Path
) -> None:
    programs, own = tmp_path / "fos.csv", tmp_path / "ours.csv"
    programs.write_text(PROGRAMS)
    own.write_text(OWN.format(title="Records"))
    versions = [run("import", file)["version"] for file in (write("34.783368"), programs, own)]
    last = run("list")[0]
    assert last["published"]
    kinds = [(one["kind"], one["name"]) for one in last["imports"]]
    assert kinds == [
        ("field_of_study", "fos.csv"),
        ("institutions", "Most-Recent-Cohorts-Institution_05192025.csv"),
        ("own", "ours.csv"),
    ]
    assert last["imports"][1]["release"] == "release of 2025-05-19"
    assert last["counts"]["formats"]["online"] == last["counts"]["formats"]["campus"] == 1
    assert last["counts"]["schools_by_precision"]["exact"] == 2
    assert last["counts"]["programs_with_own_words"] == 1

    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")}
    again = run("import", own)
    assert (again["version"], again["before"]) == (versions[2], versions[2])
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")}
    assert {
        p for p in after if p.is_file() and p.name != ".lock" and after[p] != before.get(p)
    } == (set())
    assert len(run("list")) == 3

    changes = run("diff", versions[1], versions[2])
    assert (changes["programs_added"], changes["programs_removed"]) == (0, 0)
    assert (changes["programs_changed"]["title"], changes["programs_changed"]["own_words"]) == (
        1,
        1,
    )
    assert run("withdraw", "ours.csv")["version"] == versions[1]


@pytest.mark.slow
def test_a_file_of_the_same_name_replaces_the_one_before(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "ours.csv"
    own.write_text(OWN.format(title="Records"))
    first = run("import", own)
    own.write_text(OWN.format(title="Health Records"))
    second = run("import", own)
    assert [one["name"] for one in second["imports"]] == ["ours.csv"]
    changes = run("diff", first["version"], second["version"])
    assert (changes["programs_changed"]["title"], changes["programs_changed"]["own_words"]) == (
        1,
        0,
    )


def test_a_refused_file_is_not_kept_and_what_serves_goes_on(
    invoke: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    served = run("build", "--publish")["version"]
    own, other = tmp_path / "ours.csv", tmp_path / "other.csv"
    own.write_text(OWN.format(title="x" * 300))
    other.write_text("name,colour\n1,2\n")
    assert "ours.csv, row 2, TITLE" in invoke("import", own).output
    assert "none of the headers we know" in invoke("import", other).output
    assert "--accept-good-rows" not in invoke("import", other).output
    own.write_text(OWN.format(title="Records").replace(",2026", ",2099"))
    assert "ours.csv, row 2, AS_OF: “2099” is in the future" in invoke("import", own).output
    kept = [path.name for path in (tmp_path / "store" / "imports").iterdir()]
    assert kept in ([], [".lock"])
    assert [row["version"] for row in run("list") if row["published"]] == [served]
    assert "it has no imported file" in invoke("withdraw", "ours.csv").output


@pytest.mark.slow
def test_the_same_file_under_another_name_is_said_to_be_the_same(
    invoke: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    own, copy = tmp_path / "ours.csv", tmp_path / "copy.csv"
    for file in (own, copy):
        file.write_text(OWN.format(title="Records"))
    served = run("import", own)["version"]
    refused = invoke("import", copy)
    assert refused.exit_code == 1
    assert "copy.csv is identical with ours.csv" in refused.output
    assert "catalog withdraw ours.csv" in refused.output
    assert [row["version"] for row in run("list")] == [served]
    assert run("import", own)["version"] == served  # its bytes are still there


@pytest.mark.slow
def test_an_official_file_that_was_cut_short_needs_the_operators_word(
    invoke: Callable[..., Result], run: Run, write: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = write("34.783368")
    served = run("import", whole)
    assert served["imports"][0]["rows"] == 2
    for cut in (whole.read_text().splitlines()[:1], whole.read_text().splitlines()[:2]):
        whole.write_text("\n".join(cut) + "\n")
        refused = invoke("import", whole)
        assert refused.exit_code == 1
        assert "cut short" in refused.output
        assert "--accept-good-rows" not in refused.output
    assert [row["version"] for row in run("list")] == [served["version"]]
    assert len([p for p in (tmp_path / "store" / "imports").iterdir() if p.name != ".lock"]) == 1
    accepted = invoke("import", whole, "--fewer-rows")
    assert accepted.exit_code == 0, accepted.output
    assert f"{whole.name}: 1 rows used" in accepted.stderr


def test_a_file_that_cannot_be_unpacked_is_refused_and_not_kept(
    invoke: Callable[..., Result], tmp_path: Path
) -> None:
    rows = [f"{number},{number * 7919}" for number in range(100_000, 103_000)]
    content = bytearray(_zipped("p.csv", "\n".join([PROGRAMS, *rows]), zipfile.ZIP_DEFLATED))
    content[len(content) // 2 : len(content) // 2 + 60] = b"\xff" * 60
    file = tmp_path / "fos.zip"
    file.write_bytes(content)
    refused = invoke("import", file)
    assert refused.exit_code == 1
    assert "a ZIP that is cut short or damaged" in refused.output
    assert not [p for p in (tmp_path / "store" / "imports").iterdir() if p.name != ".lock"]


@pytest.mark.slow
def test_an_imported_file_that_was_lost_or_changed_is_said_plainly(
    invoke: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    own, other = tmp_path / "ours.csv", tmp_path / "fos.csv"
    own.write_text(OWN.format(title="Records"))
    other.write_text(PROGRAMS)
    kept = tmp_path / "store" / "imports" / run("import", own)["imports"][0]["sha256"]
    kept.chmod(0o644)
    kept.write_text("changed")
    assert "is not what was imported" in invoke("import", other).output
    run("import", own)
    assert "Records" in kept.read_text()
    kept.unlink()
    assert "import it again here" in invoke("import", other).output


def _zipped(name: str, text: str, kind: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", kind) as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def test_one_command_fetches_both_official_files_and_takes_them_in(
    environment: dict[str, str], run: Run, invoke: Callable[..., Result]
) -> None:
    institutions = _zipped("i.csv", FILE.format(latitude="34.783368"))
    programs = _zipped("p.csv", PROGRAMS)
    with serving_file(b"") as server:
        server.files = {"Institution_06102026.zip": institutions, "Fields_06102026.zip": programs}
        environment |= {
            "INSTITUTIONS_URL": f"{server.url}/Institution_06102026.zip",
            "INSTITUTIONS_SHA256": hashlib.sha256(institutions).hexdigest(),
            "FIELD_OF_STUDY_URL": f"{server.url}/Fields_06102026.zip",
        }
        fetched = run("fetch")
        assert fetched["published"]
        assert [one["release"] for one in fetched["imports"]] == ["release of 2026-06-10"] * 2
        assert fetched["counts"]["formats"]["online"] == 1
        assert fetched["counts"]["schools_by_precision"]["exact"] == 2
        assert "No checksum was set" in invoke("fetch", "field_of_study", "--no-import").stderr

        environment["INSTITUTIONS_SHA256"] = "0" * 64
        refused = invoke("fetch", "institutions")
        assert refused.exit_code == 1
        assert "INSTITUTIONS_URL: its checksum is" in refused.output


def test_ctrl_c_leaves_a_part_that_the_next_fetch_goes_on_from(
    environment: dict[str, str], invoke: Callable[..., Result], tmp_path: Path
) -> None:
    content = bytes(8_000_000)
    part = tmp_path / "store" / "fetched" / "file.zip.part"
    words = [sys.executable, "-m", "commands", "catalog", "fetch", "institutions", "--no-import"]
    with serving_file(content) as server:
        environment["INSTITUTIONS_URL"] = f"{server.url}/file.zip"
        server.pause_seconds = 0.05
        child = subprocess.Popen(
            words, env=environment, cwd=PROJECT, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=30)[1]
        assert child.returncode == 1
        assert "it was stopped. What came is kept" in said
        assert "Traceback" not in said
        had = part.stat().st_size
        assert 0 < had < len(content)
        server.pause_seconds = 0
        done = invoke("fetch", "institutions", "--no-import")
        assert done.exit_code == 0, done.output
        assert server.asked[-1] == f"bytes={had}-"
    assert (tmp_path / "store" / "fetched" / "file.zip").read_bytes() == content
