from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.domain.challenge import Challenge, Stage
from models.domain.errors import NotFoundError
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.publication import Publication, previous_version

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_nothing_serves_before_the_first_publication(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as work:
        assert work.publications.current() == {"catalog": None, "ranker": None}
        assert work.publications.history("catalog") == ()


def test_the_newest_publication_of_a_kind_serves(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as work:
        for version in ("a", "b"):
            work.publications.add_catalog(version, {"counts": {"programs": 1}}, NOW)
            work.publications.add_ranker(version, "prior", {"trees": 3}, NOW)
        work.publications.publish("catalog", "a", "test", "first", NOW)
        work.publications.publish("ranker", "b", "test", "first", NOW)
        work.publications.publish("catalog", "b", "test", "newer", NOW - timedelta(days=1))
    with unit_of_work() as work:
        assert work.publications.current() == {"catalog": "b", "ranker": "b"}


def test_rolling_back_adds_a_row_and_keeps_the_history(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as work:
        for version in ("a", "b"):
            work.publications.add_catalog(version, {}, NOW)
            work.publications.publish("catalog", version, "test", "", NOW)
    with unit_of_work() as work:
        before = previous_version(work.publications.history("catalog"))
        assert before == "a"
        work.publications.publish("catalog", before, "test", "rolled back", NOW)
    with unit_of_work() as work:
        history = work.publications.history("catalog")
        assert [row.version for row in history] == ["a", "b", "a"]
        assert history[0].reason == "rolled back"
        assert work.publications.current()["catalog"] == "a"


@pytest.mark.parametrize(
    ("published", "before"),
    [
        ("ab", "a"),
        ("aba", None),
        ("abc", "b"),
        ("abcb", "a"),
        ("abcba", None),
        ("abac", "a"),
        ("abab", "a"),
        ("abbcc", "b"),
    ],
)
def test_each_step_back_goes_further_back(published: str, before: str | None) -> None:
    history = [Publication("catalog", version, NOW, "test", "") for version in published]
    assert previous_version(tuple(reversed(history))) == before


def test_there_is_no_way_back_from_the_first(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as work:
        work.publications.add_catalog("a", {}, NOW)
        work.publications.publish("catalog", "a", "test", "", NOW)
        work.publications.publish("catalog", "a", "test", "again", NOW)
        assert previous_version(work.publications.history("catalog")) is None
    assert previous_version(()) is None


def test_a_version_nobody_added_cannot_serve(unit_of_work: UnitOfWorkFactory) -> None:
    with pytest.raises(NotFoundError, match="no catalog zzz"), unit_of_work() as work:
        work.publications.publish("catalog", "zzz", "test", "", NOW)
    with unit_of_work() as work:
        assert work.publications.current()["catalog"] is None


def test_the_newest_row_says_what_challenges(unit_of_work: UnitOfWorkFactory) -> None:
    shadow = Challenge("r", Stage.SHADOW, 0.0, NOW, "test", "first")
    canary = Challenge("r", Stage.CANARY, 2.5, NOW - timedelta(days=1), "test", "then")
    with unit_of_work() as work:
        assert work.publications.challenge() is None
        work.publications.add_ranker("r", "prior", {}, NOW)
        work.publications.set_challenge(shadow)
        work.publications.set_challenge(canary)
    with unit_of_work() as work:
        assert work.publications.challenge() == canary
    with pytest.raises(NotFoundError, match="no ranker zzz"), unit_of_work() as work:
        work.publications.set_challenge(replace(canary, version="zzz"))


def test_adding_a_version_again_changes_no_more_than_a_rankers_card(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    with unit_of_work() as work:
        work.publications.add_ranker("r", "prior", {"first": True}, NOW)
        work.publications.add_ranker("r", "learned", {"first": False}, NOW + timedelta(days=1))
        work.publications.add_catalog("c", {"first": True}, NOW)
        work.publications.add_catalog("c", {"first": False}, NOW)
    with unit_of_work() as work:
        found = work.publications.ranker("r")
        assert found is not None
        assert (found.provenance, found.card, found.created_at) == ("prior", {"first": False}, NOW)
        assert [row.manifest for row in work.publications.catalogs()] == [{"first": True}]
        assert [row.version for row in work.publications.rankers()] == ["r"]
        assert work.publications.ranker("zzz") is None
