"""A publisher's colour, as far as everyone can read it (WCAG 2.2, contrast of 3 and 4.5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_HEX = re.compile(r"[0-9a-f]{6}")
# What shows where a button ends (WCAG 1.4.11).
LEAST_EDGE = 3.0
# The brightness at which black and white are equally readable.
_MIDDLE = 0.1791


class Theme(StrEnum):
    """The page around us: dark words on light paper, or the other way round."""

    LIGHT = "light"
    DARK = "dark"


PAPERS: Mapping[Theme, str] = {Theme.LIGHT: "ffffff", Theme.DARK: "16181d"}
ACCENTS: Mapping[Theme, str] = {Theme.LIGHT: "0b5b57", Theme.DARK: "74d2c4"}


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of the frame, as six hexadecimal digits."""

    theme: Theme
    accent: str

    @property
    def on_accent(self) -> str:
        """Black or white, whichever is read better on the accent; at least 4.5 either way."""
        return "000000" if _brightness(self.accent) > _MIDDLE else "ffffff"


def read_look(theme: str, accent: str) -> Look:
    """Take a publisher's theme and colour; our own where they are none or cannot be seen."""
    read = Theme.DARK if theme == Theme.DARK else Theme.LIGHT
    wanted = accent.strip().lower().removeprefix("#")
    usable = _HEX.fullmatch(wanted) and contrast(wanted, PAPERS[read]) >= LEAST_EDGE
    return Look(read, wanted if usable else ACCENTS[read])


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_brightness(one), _brightness(other)))
    return (high + 0.05) / (low + 0.05)


def _brightness(colour: str) -> float:
    """The relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
