"""The order of results is one that a school counsellor would sign."""

from benchmarks.relevance import measure, read_searches
from matcher.match import open_engine
from tests.support.world import Store

KINDS = {"must", "must_not", "all", "before"}
# What holds today, less a little: an order that loses more than a few rules is another order.
LEAST_HELD = 0.95


def test_searches_cover_who_comes_and_from_where() -> None:
    searches = read_searches()
    assert len(searches) >= 60
    assert {rule["kind"] for each in searches for rule in each["rules"]} == KINDS
    assert len({each["education_level"] for each in searches}) == 8
    assert sum("query" not in each for each in searches) >= 3
    assert sum(each.get("postal_code", "0")[0].isalpha() for each in searches) >= 3


def test_the_order_is_one_that_a_counsellor_would_sign(store: Store) -> None:
    engine = open_engine(
        store.path / "catalog" / store.catalog, store.path / "ranker" / store.ranker
    )
    result = measure(engine, read_searches())
    assert result["rules_held"] >= LEAST_HELD
    assert all(result[f"over_{name}"] > 0 for name in ("name_sort", "nearest", "most_completers"))
