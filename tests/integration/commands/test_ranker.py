"""An operator fits, promotes, rolls back and asks why."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.explain import explain
from commands.ranker import ranker
from matcher.match import draw, open_engine, page
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.ids import Prefix, new_id, show
from models.domain.levels import EducationLevel
from models.domain.listing_id import listing_id
from models.domain.matching import Answers, MatchPage, Slate
from models.domain.slates import PageRecord, page_record
from tests.support.catalogs import a_slate, an_offer, write_catalog
from tests.support.environment import installation
from tests.support.keys import RANKER_KEY
from tests.support.stores import prior_ranker

Work = Callable[[], PostgresUnitOfWork]
Invoke = Callable[..., Result]
ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def invoke(database_url: str, tmp_path: Path) -> Invoke:
    environment = installation(database_url, tmp_path)
    return lambda command, *words: CliRunner().invoke(command, list(words), env=environment)


@pytest.fixture
def run(invoke: Invoke) -> Callable[..., Any]:
    def run(command: Any, *words: str) -> Any:
        result = invoke(command, *words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prior, fitted once."""
    return prior_ranker(tmp_path_factory.mktemp("fitted"))


@pytest.fixture
def served(fitted: Path, store: Path) -> tuple[Slate, MatchPage]:
    """A slate and its first page, drawn from a store that holds all its files."""
    ranker_path = Path(shutil.copytree(fitted, store / "ranker" / fitted.name))
    engine = open_engine(write_catalog(store), ranker_path, RANKER_KEY)
    everyone = an_offer(1, engine.catalog.unitid.tolist())
    plain = a_slate(engine, ANSWERS, (everyone,))
    # The database finds a slate by the moment in its id.
    slate = replace(plain, id=new_id(plain.created_at), search_id=new_id(plain.created_at))
    return slate, page(engine, draw(engine, slate), 1)


@pytest.fixture
def slate(served: tuple[Slate, MatchPage], unit_of_work: Work) -> Slate:
    """A slate that was served, with its first page, kept in the database."""
    slate, shown = served
    _keep(unit_of_work, slate, page_record(shown, demonstration=False))
    return slate


def test_an_operator_fits_promotes_and_rolls_back(
    run: Callable[..., Any], invoke: Invoke, store: Path, unit_of_work: Work
) -> None:
    assert run(ranker, "list") == []
    fitted = run(ranker, "fit-prior")
    version = fitted["version"]
    assert (fitted["provenance"], fitted["champion"]) == ("prior", False)
    assert run(ranker, "promote", version, "--reason", "first")["champion"]
    assert [(row["version"], row["champion"]) for row in run(ranker, "list")] == [(version, True)]

    with unit_of_work() as work:
        published = work.publications.history("ranker")[0]
    assert (published.version, published.reason) == (version, "first")
    nowhere = invoke(ranker, "rollback")
    assert nowhere.exit_code == 1
    assert "no way back" in nowhere.output

    assert invoke(ranker, "promote", "../../etc", "--reason", "x").exit_code == 1
    assert invoke(ranker, "promote", "0" * 16, "--reason", "x").exit_code == 1
    (store / "ranker" / version / "value.npy").write_bytes(b"spoiled")
    spoiled = invoke(ranker, "promote", version, "--reason", "x")
    assert spoiled.exit_code == 1
    assert "not what was written" in spoiled.output


def test_a_scheduler_that_is_not_there_is_said_to_be_missing(
    invoke: Invoke, store: Path, unit_of_work: Work
) -> None:
    del unit_of_work
    (store / ".training-killed" / "log").mkdir(parents=True)
    nowhere = invoke(ranker, "train", "--scheduler", "nonsense://here")
    assert nowhere.exit_code == 1
    assert "No Dask scheduler answers at nonsense://here" in nowhere.output
    # What a killed run left is gone, and nothing else is left.
    assert not list(store.glob(".training-*"))
    both = invoke(ranker, "train", "--in-worker", "--scheduler", "tcp://127.0.0.1:1")
    assert both.exit_code == 2
    assert "name one or the other" in both.output


def test_rolling_back_makes_the_last_champion_champion_again(
    run: Callable[..., Any], unit_of_work: Work
) -> None:
    """Invariant 10: the last champion is one command away."""
    first = run(ranker, "fit-prior", "--promote")["version"]
    with unit_of_work() as work:
        now = work.publications.history("ranker")[0].at
        work.publications.add_ranker("f" * 16, "prior", {}, now)
        work.publications.publish("ranker", "f" * 16, "command", "a newer one", now)
    back = run(ranker, "rollback")
    assert (back["version"], back["before"]) == (first, "f" * 16)
    with unit_of_work() as work:
        assert work.publications.current()["ranker"] == first


def test_explaining_a_served_listing_replays_it(
    run: Callable[..., Any], invoke: Invoke, slate: Slate
) -> None:
    """Invariant 8: from what the database kept."""
    shown = show(Prefix.SLATE, slate.id)
    first = run(explain, shown, "1")
    assert first["replay"] == "identical"
    assert first["position"] == first["organic_position"] == 1
    named = listing_id(slate.id, 1, first["program"])
    assert run(explain, shown, named) == first
    paid = run(explain, shown, "2")
    assert (paid["allocation"], paid["replay"]) == ("sponsored", "identical")
    assert paid["bid"]["price_minor"] == 4500
    assert run(explain, shown, "21")["replay"] == "not served yet"

    words = invoke(explain, shown, "1")
    assert words.exit_code == 0
    assert "identical" in words.output
    assert "distance" in words.output


def test_explaining_a_program_that_is_not_there_says_why(
    run: Callable[..., Any], slate: Slate, store: Path
) -> None:
    engine = open_engine(
        store / "catalog" / slate.catalog_version,
        store / "ranker" / slate.ranker_version,
        RANKER_KEY,
    )
    graduate = next(
        f"prog_{unitid}.{cip.replace('.', '')}.5.-.-" for unitid, cip in _masters(engine)
    )
    answer = run(explain, show(Prefix.SLATE, slate.id), graduate)
    assert answer == {"program": graduate, "excluded": "not_open_to_level"}


def test_a_program_that_is_on_the_slate_is_explained_where_it_stands(
    run: Callable[..., Any], served: tuple[Slate, MatchPage], slate: Slate, store: Path
) -> None:
    shown = show(Prefix.SLATE, slate.id)
    for listing in served[1].listings[:3]:
        explained = run(explain, shown, listing.program.id)
        assert explained == run(explain, shown, str(listing.position))
    engine = open_engine(
        store / "catalog" / slate.catalog_version,
        store / "ranker" / slate.ranker_version,
        RANKER_KEY,
    )
    [deep] = page(engine, draw(engine, slate), 3).listings[:1]
    assert run(explain, shown, deep.program.id)["position"] == deep.position == 41


def test_a_slate_served_differently_is_told(
    invoke: Invoke, served: tuple[Slate, MatchPage], unit_of_work: Work
) -> None:
    slate, shown = served
    record = page_record(shown, demonstration=False)
    spoiled = tuple({**one, "score": one["score"] + 1} for one in record.listings)
    _keep(unit_of_work, slate, PageRecord(1, spoiled, record.steering_index, demonstration=False))
    result = invoke(explain, show(Prefix.SLATE, slate.id), "1", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["different"] == ["score"]


@pytest.mark.parametrize(
    ("slate_id", "listing", "said"),
    [
        ("nonsense", "1", "slt_"),
        ("slt_" + "0" * 26, "1", "no such slate"),
        (None, "lst_1_00000000", "not on this slate"),
        (None, "zero", "listing"),
        (None, "999999", "no position"),
        (None, "prog_1.0000.1.-.-", "no program"),
    ],
)
def test_what_cannot_be_explained_says_what_is_wrong(
    invoke: Invoke, slate: Slate, slate_id: str | None, listing: str, said: str
) -> None:
    result = invoke(explain, slate_id or show(Prefix.SLATE, slate.id), listing)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def _keep(unit_of_work: Work, slate: Slate, record: PageRecord) -> None:
    with unit_of_work() as work:
        work.slates.add([(slate, record)])


def _masters(engine: Any) -> Any:
    catalog = engine.catalog
    unknown_format = catalog.format == 0
    for row in ((catalog.credential == 4) & unknown_format).nonzero()[0].tolist():
        yield int(catalog.unitid[catalog.school[row]]), catalog.cips[catalog.field[row]]
