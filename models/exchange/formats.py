"""How a value is spelt for a school: a table of small functions, each by its name.

A format is written ``name`` or ``name:argument``. What it cannot spell it gives up (None): the
field is then missing, and a wrong value never leaves.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

# What a format is given: the text, its argument, and the moment at which the student asked.
Spell = Callable[[str, str, datetime], str | None]

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,5}")
_E164 = re.compile(r"\+[0-9]{7,15}")
_ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")
_CANADIAN = re.compile(r"([A-Z][0-9][A-Z]) ?[0-9][A-Z][0-9]")
# As JSON and XML take them; "007" and "+1" are texts.
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_PHONES = ("", "e164", "digits", "national", "dashes")
_DATE_LETTERS = frozenset("%Y%m%d%B%b%H%M%S%y%%-/. ,:TZ")


def spell(text: str, formats: tuple[str, ...], asked_at: datetime) -> str | None:
    """Put a text through formats, one after the other; None when one of them cannot."""
    found: str | None = text
    for each in formats:
        if found is None:
            return None
        name, _, argument = each.partition(":")
        found = FORMATS[name](found, argument, asked_at)
    return found


def check_format(text: object) -> str | None:
    """Say what is wrong with a format, if anything is."""
    if not isinstance(text, str):
        return "A format is a word, such as upper."
    name, _, argument = text.partition(":")
    if name not in FORMATS:
        return f"There is no format “{name[:30]}”; use one of {', '.join(sorted(FORMATS))}."
    if name == "truncate" and not (_DIGITS.fullmatch(argument) and 0 < int(argument) <= 10_000):
        return "Say how many letters, such as truncate:40."
    if name == "date" and not (argument and set(argument) <= _DATE_LETTERS):
        return "Say how a date is written, such as date:%m/%d/%Y."
    if name == "phone" and argument not in _PHONES:
        return f"Write phone:{' or phone:'.join(_PHONES[1:])}."
    return None


def clean(text: str) -> str:
    """Take out what no form takes: control letters, and those that no alphabet has.

    A letter of the private area is how our own marks are written (``models.exchange.writing``).
    """
    kept = (
        letter if letter == "\n" else " " if unicodedata.category(letter) == "Cc" else letter
        for letter in text.replace("\r\n", "\n")
        if unicodedata.category(letter) not in ("Cs", "Co", "Cn")
    )
    return "".join(kept)


def _date(text: str, argument: str, _asked_at: datetime) -> str | None:
    moment = _moment(text)
    # A month alone has no day: to give it one would say more than the student did.
    if moment is None or (_MONTH.fullmatch(text) and "%d" in argument):
        return None
    return moment.strftime(argument)


def _millis(text: str, _argument: str, _asked_at: datetime) -> str | None:
    moment = _moment(text)
    if moment is None:
        return None
    return str(int(moment.timestamp()) * 1000 + moment.microsecond // 1000)


def _months_ahead(text: str, _argument: str, asked_at: datetime) -> str | None:
    moment = _moment(text)
    if moment is None:
        return None
    return str(max((moment.year - asked_at.year) * 12 + moment.month - asked_at.month, 0))


def _moment(text: str) -> datetime | None:
    try:
        if _MONTH.fullmatch(text):
            return datetime.combine(date.fromisoformat(f"{text}-01"), datetime.min.time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _phone(text: str, argument: str, _asked_at: datetime) -> str | None:
    if not _E164.fullmatch(text):
        return None
    national = text[2:] if text.startswith("+1") and len(text) == 12 else text[1:]
    if argument == "dashes" and len(national) == 10:
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return {"": text, "e164": text, "digits": text[1:], "dashes": national}.get(argument, national)


def _zip5(text: str, _argument: str, _asked_at: datetime) -> str | None:
    found = _ZIP.fullmatch(text)
    return found[1] if found else None


def _zip3(text: str, _argument: str, _asked_at: datetime) -> str | None:
    """Give the first three of a US or Canadian code: an area, not a neighbourhood of the US."""
    found = _ZIP.fullmatch(text) or _CANADIAN.fullmatch(text.upper())
    return found[1][:3] if found else None


def _truncate(text: str, argument: str, _asked_at: datetime) -> str:
    return text[: int(argument)]


def _present(text: str, _argument: str, _asked_at: datetime) -> str | None:
    return "true" if text else None


def _number(text: str, _argument: str, _asked_at: datetime) -> str | None:
    return text if NUMBER.fullmatch(text) else None


FORMATS: Mapping[str, Spell] = {
    "strip": lambda text, *_: text.strip(),
    "upper": lambda text, *_: text.upper(),
    "lower": lambda text, *_: text.lower(),
    "date": _date,
    "millis": _millis,
    "months_ahead": _months_ahead,
    "number": _number,
    "one_line": lambda text, *_: " ".join(text.split()),
    "phone": _phone,
    "present": _present,
    "truncate": _truncate,
    "zip3": _zip3,
    "zip5": _zip5,
}
