import numpy as np
import pytest

from matcher.learn.evaluate import by_depth, judge

QUERY = np.array([0, 0, 0, 1, 1], np.int32)
GAINS = np.array([0.0, 3.0, 1.0, 0.0, 0.0])


def test_ndcg_is_what_a_hand_computes() -> None:
    judged = judge(QUERY, GAINS, {"as they stand": -np.arange(5.0), "perfect": GAINS})
    most = 3 + 1 / np.log2(3)
    assert judged.ndcg("perfect") == pytest.approx(1.0)
    assert judged.ndcg("as they stand") == pytest.approx((3 / np.log2(3) + 1 / 2) / most)
    assert judged.searches == 1
    assert judged.share("perfect", "ndcg_5") == pytest.approx(1.0)
    assert judged.share("as they stand", "mrr") == pytest.approx((3 / 2 + 1 / 3) / 4)


def test_equal_scores_share_their_places() -> None:
    """A constant order gets no credit for the order that was served."""
    first_clicked = np.array([4.0, 0.0, 0.0, 2.0, 0.0])
    judged = judge(QUERY, first_clicked, {"constant": np.zeros(5)})
    three, two = 1 + 1 / np.log2(3) + 1 / 2, 1 + 1 / np.log2(3)
    assert judged.ndcg("constant") == pytest.approx((4 * three / 3 + 2 * two / 2) / 6)
    turned = judge(QUERY, first_clicked[::-1].copy(), {"constant": np.zeros(5)})
    assert turned.searches == judged.searches == 2


def test_ndcg_at_each_depth_is_what_judging_finds_at_five_and_ten() -> None:
    chance = np.random.default_rng(2)
    query = np.repeat(np.arange(50, dtype=np.int32), 15)
    gains = chance.poisson(0.3, len(query)).astype(float)
    # Few different scores: most places are shared.
    orders = {"one": chance.integers(0, 4, len(query)).astype(float), "other": gains}
    judged, found = judge(query, gains, orders), by_depth(query, gains, orders, 12)
    for name, values in found.items():
        assert len(values) == 12
        assert values[4] == pytest.approx(judged.share(name, "ndcg_5"), abs=1e-4)
        assert values[9] == pytest.approx(judged.share(name, "ndcg_10"), abs=1e-4)
    assert found["other"] == [1.0] * 12


def test_only_the_first_ten_count() -> None:
    gains = np.zeros(12)
    gains[11] = 1.0
    judged = judge(np.zeros(12, np.int32), gains, {"last": -np.arange(12.0)})
    assert judged.ndcg("last") == 0


def test_the_order_of_wishes_wins_though_another_was_served() -> None:
    """Clicks at places that hide them count more: what was served gets no credit for that."""
    chance = np.random.default_rng(3)
    searches, places = 6_000, 10
    wanted = chance.permuted(np.tile(np.linspace(0.02, 0.6, places), (searches, 1)), axis=1)
    attention = np.arange(1, places + 1) ** -0.8
    clicked = chance.random((searches, places)) < wanted * attention
    query = np.repeat(np.arange(searches, dtype=np.int32), places)
    orders = {"served": np.tile(-np.arange(places, dtype=float), searches), "true": wanted.ravel()}

    naive = judge(query, clicked.ravel().astype(float), orders)
    fair = judge(query, (clicked / attention).ravel(), orders)
    assert naive.ndcg("served") > fair.ndcg("served")
    assert fair.ndcg("true") > fair.ndcg("served") + 0.1
    told = fair.document(1, "served")["orders"]
    assert isinstance(told, dict)
    low, high = told["true"]["over_served_interval"]
    assert 0 < low < told["true"]["over_served"] < high
