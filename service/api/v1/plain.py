"""Plain text: NFKC, trimmed, bounded, without characters that cannot be seen."""

import re
import unicodedata
from typing import Any

from marshmallow import ValidationError

from service.said import say

# Controls but for tabs and ends of lines; separators of lines and paragraphs; what turns the
# direction of the text after it, or marks, annotates or tags it unseen. Joiners stay: Persian
# and Hindi names are written with them.
_HIDDEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff"
    r"\ufff9-\ufffb" + "\U000e0000-\U000e007f"
)
UNSEEN = {True: _HIDDEN, False: rf"\t\n\r{_HIDDEN}"}  # with lines, and without
_CONTROL = {lines: re.compile(f"[{signs}\ud800-\udfff]") for lines, signs in UNSEEN.items()}
EDGES = " \t\r\n"
# Letters by their category, and yet nothing is drawn for them.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


def blank(value: Any) -> bool:
    """Tell whether a value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip())


def plain_text(value: Any, most: int, *, lines: bool = False) -> str:
    """Check and tidy one text.

    Args:
        value: what was sent.
        most: how many characters it may have.
        lines: whether it may have more than one line.

    Raises:
        ValidationError: when it is not text, too long, or has characters that cannot be seen.
    """
    if not isinstance(value, str):
        raise ValidationError(say("not_text"))
    # Before NFKC, which may make text up to 18 times as long, and after it.
    if len(value) > most * 4:
        raise ValidationError(say("too_long", most=most))
    normal = unicodedata.normalize("NFKC", value)
    tidy = normal.strip()
    if len(tidy) > most:
        raise ValidationError(say("too_long", most=most))
    # A lone surrogate comes out of "\ud800" in JSON; neither UTF-8 nor the database has it.
    if _CONTROL[lines].search(normal.strip(EDGES)):
        raise ValidationError(say("control_characters"))
    return tidy


def word(value: Any, most: int = 40) -> str:
    """Tidy a word that is one of a few; what is none of any kind is empty."""
    try:
        return plain_text(value, most)
    except ValidationError:
        return ""


def has_letters(text: str) -> bool:
    """Tell whether a text has a letter that can be seen."""
    return any(sign.isalpha() and sign not in _BLANK_LETTERS for sign in text)
