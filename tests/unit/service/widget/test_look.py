"""A publisher's colour never makes our words unreadable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.widget.look import ACCENTS, LEAST_EDGE, PAPERS, Theme, contrast, read_look

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"{number:06x}")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("777777", "777777") == 1


@given(COLOURS, st.sampled_from(Theme))
def test_any_colour_is_read_on_the_button_and_seen_on_the_paper(colour: str, theme: Theme) -> None:
    look = read_look(theme, f"#{colour.upper()}")
    assert contrast(look.accent, PAPERS[theme]) >= LEAST_EDGE
    assert contrast(look.on_accent, look.accent) >= 4.5


def test_a_colour_that_can_be_seen_is_taken_and_another_is_ours() -> None:
    assert read_look("light", "#7a1f5c").accent == "7a1f5c"
    assert read_look("light", "#ffe600").accent == ACCENTS[Theme.LIGHT]
    assert read_look("dark", "#ffe600").accent == "ffe600"


@pytest.mark.parametrize(
    "accent", ["", "red", "#12345", "url(x)", "123456;}", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_what_is_no_colour_is_ours(accent: str) -> None:
    look = read_look("nonsense", accent)
    assert (look.theme, look.accent) == (Theme.LIGHT, ACCENTS[Theme.LIGHT])
