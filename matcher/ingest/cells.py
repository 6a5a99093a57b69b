"""Reads single cells of official files: a value, None for "nothing published", or what to do."""

import math
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from matcher.regions import REGIONS
from models.domain.errors import SchoolmatchError

# How the Department of Education writes "nothing" in its files.
_NOTHING = frozenset({"", "NULL", "NA", "N/A", "NAN", "PS", "PRIVACYSUPPRESSED"})
_WHOLE = re.compile(r"[0-9]+(?:\.0*)?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LONGEST_URL = 500
_LONGEST_TEXT = 200


class CellError(SchoolmatchError):
    """A cell that cannot be used; a harmless one is left out and only noted."""

    def __init__(self, advice: str, *, harmless: bool = False) -> None:
        super().__init__(advice)
        self.advice, self.harmless = advice, harmless


def is_nothing(cell: str) -> bool:
    """Tell whether the cell says that nothing is published."""
    return cell.strip().upper() in _NOTHING


def unitid(cell: str) -> int:
    """Read a UNITID: six digits, or eight for a branch campus of the Scorecard."""
    if not _WHOLE.fullmatch(cell) or not 100_000 <= int(float(cell)) <= 99_999_999:
        raise CellError("is not a UNITID; give the IPEDS number, six digits or eight")
    return int(float(cell))


def words(cell: str) -> str:
    """Read a name."""
    if len(cell) > _LONGEST_TEXT or not cell.isprintable():
        raise CellError(f"is not a name; give at most {_LONGEST_TEXT} printable characters")
    return cell


def state(cell: str) -> str:
    """Read a state's postal code."""
    region = REGIONS.get(cell.upper())
    if region is None or region.country != "US" or region.military:
        raise CellError("is not a US state or territory; give its two letters, like NY")
    return region.code


def within(low: float, high: float, what: str) -> Callable[[str], float]:
    """Make a reader of numbers from ``low`` to ``high``."""

    def read(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise CellError(f"is not {what}; give a number from {low:g} to {high:g}")
        return value

    return read


def zip_code(cell: str) -> str:
    """Read a ZIP: spreadsheets drop its leading zeros, files its dash."""
    head, _, tail = cell.removesuffix(".0").partition("-")
    if not (head + tail).isascii() or not (head + tail).isdigit() or len(tail) not in {0, 4}:
        raise CellError("is not a ZIP code; left out", harmless=True)
    if not tail and len(head) in {7, 8, 9}:
        head = head.zfill(9)[:5]
    if not 3 <= len(head) <= 5:
        raise CellError("is not a ZIP code; left out", harmless=True)
    return head.zfill(5)


def web_address(cell: str) -> str:
    """Read a web address and give it a scheme; anything but http and https is left out."""
    address = cell if "://" in cell else f"https://{cell}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        usable = parts.scheme in {"http", "https"} and parts.username is None and not parts.port
    except ValueError:
        usable, host = False, ""
    plain = address.isascii() and address.isprintable() and not re.search(r"[\s<>\"'\\]", address)
    if not (usable and plain and _HOST.fullmatch(host) and len(address) <= _LONGEST_URL):
        raise CellError("is not a web address; left out", harmless=True)
    return address
