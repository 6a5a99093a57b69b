"""Checks of settings that several kinds of destination have."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Returns what is wrong with a value, in words that say what to do; None when nothing is.
Check = Callable[[Any], str | None]

_PRICE = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?")
# Plain addresses only: they go into a command to a mail server as they are.
_MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_+-])){0,63}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST_ADDRESS = 254
_AN_ADDRESS = "Use an address such as https://crm.example.edu/hooks/leads."


def check_url(value: Any) -> str | None:
    """Say what is wrong with an address that we POST to, if anything is."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii():
        return _AN_ADDRESS
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return _AN_ADDRESS
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "Use an address that starts with https://, such as https://crm.example.edu/hooks."
    if parts.username is not None or parts.password is not None:
        return "Leave the user name and password out of the address."
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return "Remove the spaces from the address."
    return None


def check_address(value: Any) -> str | None:
    """Say what is wrong with an address that we mail to, if anything is."""
    short = isinstance(value, str) and len(value) <= _LONGEST_ADDRESS
    if short and _MAIL_ADDRESS.fullmatch(value):
        return None
    return "Use one address, such as admissions@example.edu."


def check_text(value: Any) -> str | None:
    """Say what is wrong with a short text on one line, if anything is."""
    if isinstance(value, str) and value.strip() and len(value) <= 500 and value.isprintable():
        return None
    return "Give a text of at most 500 letters, on one line."


def check_token(value: Any) -> str | None:
    """Say what is wrong with a word that becomes part of a header, if anything is."""
    word = isinstance(value, str) and 0 < len(value) <= 8192 and value.isascii()
    if word and value.isprintable() and " " not in value:
        return None
    return "Give it as it was given to you: letters, digits and signs, without spaces."


def check_list(value: Any) -> str | None:
    """Say what is wrong with a list of fields or rules as a whole, if anything is."""
    return None if isinstance(value, list) else "Give a JSON list; docs/destinations.md shows one."


def tell_names(value: Any) -> str:
    """Tell a list of fields or rules by their names."""
    return ", ".join(str(each.get("to") or each.get("name")) for each in value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Takes a few words only; a form lets people choose among them."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> str | None:
        """Say which words there are, if this is none of them."""
        return None if value in self.words else f"Use one of {', '.join(self.words)}."


def one_of(*words: str) -> Check:
    """Make a check that takes these words only."""
    return OneOf(words)


def read_json(typed: str) -> Any:
    """Read a list or table that was typed as JSON; what is none stays text, for its check."""
    try:
        return json.loads(typed)
    except ValueError:
        return typed


def check_price(value: Any) -> str | None:
    """Say what is wrong with a price, if anything is."""
    if isinstance(value, str) and _PRICE.fullmatch(value):
        return None
    return "Use an amount such as 15 or 12.50."
