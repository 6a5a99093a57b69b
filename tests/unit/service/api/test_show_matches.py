"""How the API tells results."""

import pytest

from models.domain.matching import Note
from service.api.v1.show_matches import show_matches
from tests.support.matches import some_matches


@pytest.mark.parametrize("locale", ["es", "fr"])
def test_a_language_that_has_no_texts_yet_is_answered_in_english_and_told_so(locale: str) -> None:
    matches = some_matches(advice=(Note("diploma_first"),))
    advice = show_matches(matches, locale)["advice"]
    assert [one["code"] for one in advice] == ["english_so_far", "diploma_first"]
    assert "English" in advice[0]["text"]
    assert [one["code"] for one in show_matches(matches, "en")["advice"]] == ["diploma_first"]
