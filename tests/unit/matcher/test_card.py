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
