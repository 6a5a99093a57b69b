"""Whatever operators build, publish and take back, what a kept slate names stays in the store."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matcher.match import draw, open_engine, page
from models.domain.ids import Prefix, new_id, show
from models.domain.levels import EducationLevel
from models.domain.matching import Answers, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import page_record
from tests.support.catalogs import a_slate, an_offer, write_catalog
from tests.support.commands import Command
from tests.support.keys import RANKER_KEY
from tests.support.stores import prior_ranker

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
OWN = """school_id,cip,credential,title,source,as_of
194240,51.07,associate,Records,the school,2026
"""


@pytest.fixture
def slate(tmp_path: Path, unit_of_work: UnitOfWorkFactory) -> Slate:
    """A slate that was served from a store's first catalog and ranker, and kept."""
    engine = open_engine(write_catalog(tmp_path), prior_ranker(tmp_path), RANKER_KEY)
    plain = a_slate(engine, ANSWERS, (an_offer(1, engine.catalog.unitid.tolist()),))
    # The database finds a slate by the moment in its id.
    at = plain.created_at
    served = replace(plain, id=new_id(at), search_id=new_id(at))
    with unit_of_work() as work:
        shown = page(engine, draw(engine, served), 1)
        work.slates.add([(served, page_record(shown, demonstration=False))])
    return served


def bytes_of(folder: Path) -> dict[str, str]:
    """A hash for each file."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.mark.slow
def test_invariant_8_new_versions_and_ways_back_leave_what_a_kept_slate_names(
    command: Command, slate: Slate, tmp_path: Path
) -> None:
    def run(*words: str) -> Any:
        result = command(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    named = (
        tmp_path / "catalog" / slate.catalog_version,
        tmp_path / "ranker" / slate.ranker_version,
    )
    before = [bytes_of(folder) for folder in named]
    own = tmp_path / "ours.csv"
    own.write_text(OWN)

    built = run("catalog", "build", "--publish")["version"]
    imported = run("catalog", "import", str(own))["version"]
    assert run("catalog", "rollback")["version"] == built
    fitted = run("ranker", "fit-prior", "--promote")["version"]
    assert len({slate.catalog_version, built, imported}) == 3

    assert [bytes_of(folder) for folder in named] == before
    explained = run("explain", show(Prefix.SLATE, slate.id), "1")
    assert explained["replay"] == "identical"
    assert {path.name for path in (tmp_path / "ranker").iterdir()} >= {fitted, slate.ranker_version}
