"""Colours of the theme: text at least 4.5 to 1 on what it stands on, focus and fields 3 to 1."""

import re

import pytest

from service.web.assets import assets

# What stands on what, by the names in styles/1_base.css.
TEXT = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "tint"),
    ("soft", "paper"),
    ("soft", "surface"),
    ("soft", "tint"),
    ("link", "paper"),
    ("link", "surface"),
    ("link", "tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("error", "paper"),
    ("error", "error-tint"),
    ("ad", "ad-tint"),
    ("warning", "warning-tint"),
]
SHAPES = [
    ("focus", "paper"),
    ("focus", "surface"),
    ("edge", "surface"),
    ("edge", "paper"),
    ("accent", "surface"),
    ("error", "surface"),
]


def themes() -> dict[str, dict[str, str]]:
    style = assets()["style"].content.decode()
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    colours = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": colours[0], "dark": {**colours[0], **colours[1]}}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_every_pair_of_colours_can_be_told_apart(
    theme: str, pairs: list[tuple[str, str]], least: float
) -> None:
    colours = themes()[theme]
    weak = {
        pair: round(value, 2)
        for pair in pairs
        if (value := contrast(colours[pair[0]], colours[pair[1]])) < least
    }
    assert weak == {}


def test_the_measure_agrees_with_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
