"""The order of results is one that a school counsellor would sign."""

from benchmarks._counsellor import read_searches
from benchmarks.relevance import measure
from matcher.match import open_engine
from tests.support.keys import RANKER_KEY
from tests.support.world import Store

KINDS = {"must", "must_not", "all", "before", "sorted", "variety"}


def test_searches_cover_who_comes_and_from_where() -> None:
    searches = read_searches()
    assert len({search.said for search in searches}) >= 150
    assert {rule["kind"] for search in searches for rule in search.rules} == KINDS
    assert len({search.asked["education_level"] for search in searches}) == 8
    assert sum("query" not in search.asked for search in searches) >= 10
    canadian = [s for s in searches if s.asked.get("postal_code", "0")[0].isalpha()]
    assert len(canadian) >= 10
    held_out = sum(search.held_out for search in searches) / len(searches)
    assert 0.4 <= held_out <= 0.6


def test_the_order_is_one_that_a_counsellor_would_sign(store: Store) -> None:
    engine = open_engine(
        store.path / "catalog" / store.catalog,
        store.path / "ranker" / store.ranker,
        RANKER_KEY,
    )
    result = measure(engine, read_searches(), say=lambda _: None)
    assert result["rules_held"] >= 0.97
    assert result["rules_held_out"] >= 0.95
    assert result["must_not_in_top5"] == 0
    assert result["over_name_sort"] >= 0.10
    assert result["over_most_completers"] >= 0.10
    assert result["over_nearest"] > 0
    assert result["must_not_in_top5"] < result["must_not_nearest"]
