"""A ranker's card as people read it."""

from matcher.card import card_markdown


def test_a_card_says_what_each_chance_is_made_of() -> None:
    click = {"made_of": "78 trees", "listings": 320_000, "happened": 15_963, "rate": 0.05}
    chances = {"click": click, "request": {"made_of": "judgement", "rate": 0.25}}
    text = card_markdown({"version": "a" * 16, "chances": chances})
    rows = [line for line in text.splitlines() if line.startswith(("| click", "| request"))]
    assert rows == [
        "| click | 78 trees | 320000 | 15963 | 0.05 |",
        "| request | judgement |  |  | 0.25 |",
    ]


def test_a_card_shows_attention_as_used_and_as_swaps_alone_tell_it() -> None:
    attention = {
        "made_of": "estimated from clicks",
        "places_with_impressions": [1.0, 0.6],
        "places_without": [1.0, 0.5],
        "swaps": {"places_with_impressions": [1.0, 0.7], "places_without": [1.0, 0.4]},
    }
    text = card_markdown({"version": "a" * 16, "chances": {}, "attention": attention})
    assert "Used: estimated from clicks.\n" in text
    assert "| 2 | 0.6 | 0.5 | 0.7 | 0.4 |" in text
    few = {"clicks_moved": [4, 0], "refused": "4 clicks on listings that chance had moved"}
    text = card_markdown(
        {"version": "a" * 16, "chances": {}, "attention": {**attention, "swaps": few}}
    )
    assert "By swaps: 4 clicks on listings that chance had moved." in text
    assert "| 2 | 0.6 | 0.5 |  |  |" in text


def test_a_card_says_what_another_order_would_earn_or_why_nobody_knows() -> None:
    policy = {
        "served": 2.5,
        "effective_sample_size": 900.0,
        "refused": "the log tried 34% of what this order wants",
        "neighbours": {"ips": {"value": 2.6, "interval": [2.4, 2.8]}},
    }
    metrics = {
        "orders": {},
        "segments": [],
        "compared_with": "served",
        "exposure": {},
        "off_policy": policy,
        "drift": {"from_fitting_to_judging": {}, "since_champion": {}},
    }
    text = card_markdown({"version": "a" * 16, "chances": {}, "metrics": metrics})
    assert "| effective sample size | 900.0 |" in text
    assert "| refused | the log tried 34% of what this order wants |" in text
    assert "| neighbours: ips | 2.6000 (2.4000 to 2.8000) |" in text
