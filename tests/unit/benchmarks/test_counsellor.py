"""What a counsellor's rules mean: each kind holds of one order and not of another."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks._counsellor import Stands, count_against, holds, read_searches


def a_listing(**changes: Any) -> Stands:
    plain: dict[str, Any] = {
        "state": "NY",
        "credential": "associate",
        "control": "public",
        "cip": "51.07",
        "school": "A College",
        "format": "unknown",
        "sponsored": False,
        "graduates": 20.0,
        "earnings": 40_000.0,
        "miles": 10.0,
        "warnings": frozenset(),
    }
    return Stands(**{**plain, **changes})


NEAR, FAR = a_listing(), a_listing(state="TX", miles=900.0, school="B", cip="52.01", earnings=1.0)
UNPLACED = a_listing(state="CA", miles=None, school="C", graduates=None, earnings=None)


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [
        ({"kind": "must", "top": 1, "states": ["NY"]}, [NEAR, FAR], [FAR, NEAR]),
        ({"kind": "must", "top": 2, "count": 2, "miles": 50}, [NEAR, NEAR], [NEAR, UNPLACED]),
        ({"kind": "must_not", "top": 1, "not_states": ["NY"]}, [NEAR, FAR], [FAR, NEAR]),
        ({"kind": "must_not", "top": 2, "not_graduates": 5}, [NEAR], [NEAR, UNPLACED]),
        ({"kind": "all", "top": 2, "cips": ["51.07"]}, [NEAR, UNPLACED, FAR], [NEAR, FAR]),
        ({"kind": "all", "top": 2, "cips": ["51.07"]}, [NEAR], []),
        (
            {"kind": "before", "this": {"schools": ["A"]}, "that": {"schools": ["B", "C"]}},
            [NEAR, FAR],
            [UNPLACED, NEAR],
        ),
        ({"kind": "sorted", "by": "miles", "top": 3}, [NEAR, FAR, UNPLACED], [NEAR, UNPLACED, FAR]),
        ({"kind": "sorted", "by": "earnings", "top": 2}, [NEAR, FAR, NEAR], [FAR, NEAR]),
        ({"kind": "variety", "of": "cip", "top": 2, "least": 2}, [NEAR, FAR], [NEAR, NEAR, FAR]),
    ],
)
def test_a_rule_tells_orders_apart(
    rule: dict[str, Any], kept: list[Stands], broken: list[Stands]
) -> None:
    assert holds(rule, kept)
    assert not holds(rule, broken)


def test_listings_against_a_must_not_are_counted_among_the_first_five() -> None:
    rule = {"kind": "must_not", "top": 20, "states": ["TX"]}
    assert count_against(rule, [NEAR, FAR, FAR, NEAR, NEAR, FAR]) == 2
    assert count_against({**rule, "kind": "must"}, [FAR]) == 0


def test_general_rules_follow_from_what_is_stated(tmp_path: Path) -> None:
    (tmp_path / "general.toml").write_text(
        'rules = [{ name = "home", kind = "must", why = "", top = 3, states = "$home" },'
        ' { name = "leads", kind = "must_not", why = "", top = 5, not_credentials = "$leads" }]\n'
        'sets = { short = ["associate"] }\n'
    )
    (tmp_path / "theme.toml").write_text(
        "searches = ["
        '{ education_level = "high_school", region = "NY", home = ["NY"], leads = "short" },'
        '{ education_level = "master", region = "NY", home = ["NY"], without = ["home"],'
        ' rules = [{ kind = "all", why = "", top = 1, states = ["NY"] }] }]\n'
    )
    one, two = read_searches(tmp_path)
    assert [rule["kind"] for rule in one.rules] == ["must", "must_not"]
    assert one.rules[0]["states"] == ["NY"]
    assert one.rules[1]["not_credentials"] == ["associate"]
    assert [rule["kind"] for rule in two.rules] == ["all"]
    assert two.asked == {"education_level": "master", "region": "NY"}
