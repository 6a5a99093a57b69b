"""Reads single cells of official files: a value, None for "nothing published", or what to do."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from matcher.catalog import LEVELS, OWN_SCHOOLS
from matcher.geography import read_postal_code
from matcher.regions import REGIONS
from models.domain.errors import InvalidInputError, SchoolmatchError

# How the Department of Education writes "nothing" in its files.
_NOTHING = frozenset({"", "NULL", "NA", "N/A", "NAN", "PS", "PRIVACYSUPPRESSED"})
# A float of more digits is another number, or none at all.
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0{0,9})?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_CIP = re.compile(r"([0-9]{1,2})\.([0-9]{2})(?:[0-9]{2})?|([0-9]{3,4})")
_DAY = re.compile(r"20[0-9]{2}(-[0-9]{2}-[0-9]{2})?")
# Ranks, promises and "free", in the languages of the schools we list.
_BOAST = re.compile(
    r"\bbest\b(?! practice)|\bguarante\w*|#\s?1\b|\b(?:number|no\.?|nº|n°) ?(?:one|1|uno|un)\b"
    r"|\btop[- ]rank\w*|\b(?:free|no[- ]cost) (?:tuition|degree)\b|\btuition[- ]free\b"
    r"|\bgaranti\w*|\bgarantiz\w*|\bmeilleure?s?\b|\b(?:la|el|los|las) mejor(?:es)?\b"
    r"|\bmatr[ií]cula gratis\b|\bgratuit\w*",
    re.IGNORECASE,
)
_Value = TypeVar("_Value")
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


def school_number(cell: str) -> int:
    """Read a UNITID, or the number that an operator gave a school without one."""
    if _WHOLE.fullmatch(cell) and int(float(cell)) in OWN_SCHOOLS:
        return int(float(cell))
    return unitid(cell)


def words(cell: str) -> str:
    """Read a name or a short text."""
    if len(cell) > _LONGEST_TEXT or not cell.isprintable():
        raise CellError(f"is not a text; give at most {_LONGEST_TEXT} printable characters")
    return cell


def day(today: date) -> Callable[[str], str]:
    """Make a reader of when something was said: a year (2026) or a day (2026-11-22)."""

    def read(cell: str) -> str:
        said = _calendar_day(cell)
        if said is None:
            raise CellError("is not a date; give a year like 2026 or a day like 2026-11-22")
        if said > today:
            raise CellError("is in the future; give when it was said")
        return cell

    return read


def _calendar_day(text: str) -> date | None:
    """Read a day, or a year as its first; Python alone would take 20261101 and 2026-W44-1 too."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date.fromisoformat(text if found[1] else f"{text}-01-01")
    except ValueError:
        return None


def statement(cell: str) -> str:
    """Read what a school says of itself: no rank and no promise that nobody has checked."""
    if found := _BOAST.search(cell):
        raise CellError(
            f"says “{found[0]}”, which students would take for our word and nobody has checked; "
            "say what the program has instead"
        )
    return words(cell)


def several(
    read: Callable[[str], _Value], most: int | None = None
) -> Callable[[str], tuple[_Value, ...]]:
    """Make a reader of values with ``|`` between them, each once."""

    def read_all(cell: str) -> tuple[_Value, ...]:
        values = tuple(
            dict.fromkeys(read(part.strip()) for part in cell.split("|") if part.strip())
        )
        if most is not None and len(values) > most:
            raise CellError(f"holds {len(values)} texts; give at most {most}")
        return values

    return read_all


def state(cell: str) -> str:
    """Read a state's postal code."""
    region = REGIONS.get(cell.upper())
    if region is None or region.country != "US" or region.military:
        raise CellError("is not a US state or territory; give its two letters, like NY")
    return region.code


def region(cell: str) -> str:
    """Read a US state's or a Canadian province's code."""
    found = REGIONS.get(cell.upper())
    if found is None or found.military:
        raise CellError("is not a state or province; give its two letters, like NY or ON")
    return found.code


def postal_code(cell: str) -> str:
    """Read a ZIP, or a Canadian code as its first three signs."""
    try:
        code = read_postal_code(cell)
    except InvalidInputError:
        raise CellError("is not a postal code; give one like 30332 or K1A 0B1") from None
    return code.text[:5] if code.country == "US" else code.text[:3]


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


def cip_family(cell: str) -> int:
    """Read a CIP code as its 4-digit family: ``51.07``, ``5107``, ``51.0713``, ``100`` (01.00)."""
    found = _CIP.fullmatch(cell.removesuffix(".0"))
    if not found:
        raise CellError("is not a CIP code; give the 4-digit family, like 51.07")
    high, low, whole = found.groups()
    return int(whole) if whole else int(high) * 100 + int(low)


def credential_level(cell: str) -> int:
    """Read a CREDLEV."""
    if not _WHOLE.fullmatch(cell) or int(float(cell)) not in LEVELS:
        known = ", ".join(map(str, LEVELS))
        raise CellError(f"is not a CREDLEV; give one of {known}")
    return int(float(cell))


def one_of(codes: Mapping[str, int], what: str) -> Callable[[str], int]:
    """Make a reader of words that stand for codes; capitals do not matter."""
    by_word = {word.casefold(): code for word, code in codes.items()}

    def read(cell: str) -> int:
        code = by_word.get(cell.casefold())
        if code is None:
            raise CellError(f"is not {what}; give one of {', '.join(codes)}")
        return code

    return read
