"""A ranker's card as people read it."""

from matcher.card import card_markdown
from matcher.forest import SCALE


def test_chances_stand_beside_scores_in_log_odds_as_everywhere_else() -> None:
    knots = [[-2 * SCALE, 0.01], [SCALE // 2, 0.2]]
    text = card_markdown({"version": "a" * 16, "calibration": {"made_of": "x", "knots": knots}})
    rows = [line for line in text.splitlines() if line.startswith(("| -", "| 0"))]
    assert rows == ["| -2.000 | 0.01 |", "| 0.500 | 0.2 |"]
