"""What schools may say of themselves: a labelled list, in three languages."""

from pathlib import Path

import pytest

from models.domain.content_lint import Claim, lint, refusals

LIST = Path(__file__).parents[2] / "data" / "claims.txt"
OTHERS = ("Ulster County Community College", "Smith", "Northeast State Technical College")
LABELLED = [
    line.split(" ", 2) for line in LIST.read_text("utf-8").splitlines() if not line.startswith("#")
]


def test_the_list_is_long_and_speaks_three_languages() -> None:
    assert len(LABELLED) >= 120
    assert {verdict for verdict, _, _ in LABELLED} == {"refused", "flagged", "fine"}
    named = {claim for _, claim, _ in LABELLED}
    assert named == {"-", *Claim}


@pytest.mark.parametrize(("verdict", "claim", "words"), LABELLED, ids=lambda one: one[:40])
def test_each_is_judged_as_labelled(verdict: str, claim: str, words: str) -> None:
    found = lint(words, OTHERS)
    if verdict == "fine":
        assert found == ()
        return
    assert claim in {each.claim for each in found if each.refused == (verdict == "refused")}
    assert bool(refusals(words, OTHERS)) == (verdict == "refused")


def test_a_refusal_says_why_and_what_to_write_instead() -> None:
    [said] = refusals("Earn up to $80,000 a year")
    assert "earn up to $8" in said
    assert "Leave pay out" in said


def test_tricks_of_spelling_hide_nothing() -> None:
    for words in ("gu\u200baranteed j\u00adob", "GUARANTEED   JOB", "\uff47uaranteed \uff4aob"):
        assert refusals(words), words
