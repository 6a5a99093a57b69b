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
