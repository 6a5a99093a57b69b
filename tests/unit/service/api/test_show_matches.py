"""How the API tells results."""

import pytest

from models.domain.matching import Note
from service.api.v1.show_matches import show_matches
from tests.support.matches import some_matches


@pytest.mark.parametrize(("locale", "said"), [("es", "preliminar"), ("fr", "provisoire")])
def test_a_language_whose_texts_nobody_has_read_says_so_first(locale: str, said: str) -> None:
    matches = some_matches(advice=(Note("diploma_first"),))
    advice = show_matches(matches, locale)["advice"]
    assert [one["code"] for one in advice] == ["draft_translation", "diploma_first"]
    assert said in advice[0]["text"]
    assert "GED" in advice[1]["text"]
    assert "first" not in advice[1]["text"]
    assert [one["code"] for one in show_matches(matches, "en")["advice"]] == ["diploma_first"]
