import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.catalog.command import catalog

FILE = """UNITID,INSTNM,CITY,STABBR,LATITUDE,LONGITUDE,INSTURL,NPT4_PUB
194240,Orange County Community College,Middletown,NY,41.4386,-74.4272,sunyorange.edu,7421
100654,Alabama A & M University,Normal,AL,{latitude},-86.568502,www.aamu.edu,17621
"""
Run = Callable[..., Any]


@pytest.fixture
def invoke(database_url: str, tmp_path: Path) -> Callable[..., Result]:
    key = base64.b64encode(b"k" * 32).decode()
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STORE": str(tmp_path / "store"),
        "SCHOOLMATCH_DATA": str(tmp_path / "data"),
        "SECRET_KEY": key,
        "INDEX_KEY": key,
        "TOKEN_KEY": key,
        "MASTER_KEYS": f"test:{key}",
    }
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


def test_an_operator_builds_imports_compares_and_rolls_back(
    run: Run, write: Callable[[str], Path]
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
    assert run("publish", imported["version"])["before"] == plain["version"]


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


def test_a_build_waits_until_it_is_published(invoke: Callable[..., Result]) -> None:
    built = invoke("build")
    assert "not yet in service" in built.output
    assert "Reading programs" in built.stderr
    assert "There is no way back" not in built.output
    assert "there is no way back" in invoke("rollback").output


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
