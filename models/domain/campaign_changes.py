"""Changes to a campaign as people type them: ``price=12.50``, ``day=20``, ``states=NY,NJ``.

Every problem is collected, so that one answer names them all; nothing is changed when one is wrong.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.domain.campaign import Terms
from models.domain.caps import BUDGETS, PERIODS
from models.domain.errors import InvalidInputError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.verification import Verification

# ISO 4217 currencies we can bill in, with the digits of their smallest unit.
CURRENCIES = {"USD": 2, "CAD": 2}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST, _MOST_BUDGET = Decimal(10_000), Decimal(10_000_000)
_CIP = re.compile(r"[0-9]{2}\.[0-9]{2}")


def apply_changes(terms: Terms, changes: Mapping[str, str], regions: Container[str]) -> Terms:
    """Return the terms with the changes made; an empty value clears a list or a limit.

    Args:
        terms: what holds now.
        changes: values by the name of what is changed.
        regions: the codes of states, territories and provinces that there are.

    Raises:
        InvalidInputError: naming every change that cannot be made and what to write instead.
    """
    problems: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, text in changes.items():
        reader = _READERS.get(name)
        if reader is None:
            problems[name] = [f"is not a setting; use one of {', '.join(_READERS)}."]
            continue
        try:
            values[name] = reader(text.strip())
            if name == "states":
                _check_states(values[name], regions)
        except ValueError as error:
            problems[name] = [str(error)]
    if problems:
        raise InvalidInputError(problems)
    return _changed(terms, values)


def _changed(terms: Terms, values: dict[str, Any]) -> Terms:
    currency = values.pop("currency", terms.currency)
    price = values.pop("price", None)
    caps = {period: values.pop(period) for period in (*PERIODS, *BUDGETS) if period in values}
    timing = {
        name: values.pop(name)
        for name in ("starts_at", "ends_at", "weekdays", "opens", "closes", "holidays", "hours")
        if name in values
    }
    settings = replace(
        terms.settings,
        caps=replace(terms.settings.caps, **caps),
        schedule=replace(terms.settings.schedule, **timing),
        **{"reserve_minor" if name == "reserve" else name: v for name, v in values.items()},
    )
    return Terms(terms.price_minor if price is None else price, currency, settings)


def money(minor: int, currency: str) -> str:
    """Write an amount in minor units as people read it, such as ``12.50 USD``."""
    return f"{decimal(minor, currency)} {currency}"


def decimal(minor: int, currency: str) -> str:
    """Write an amount in minor units with its point, such as ``-12.50``; exact at any size."""
    digits = CURRENCIES.get(currency, 2)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def read_amount(text: str) -> int:
    """Read an amount of money, in minor units; it may be negative.

    Raises:
        ValueError: saying what to write instead.
    """
    sign = -1 if text.startswith("-") else 1
    return sign * _cents(text.removeprefix("-"), _MOST_BUDGET, "amount")


def _price(text: str) -> int:
    return _cents(text, _MOST, "price")


def _budget(text: str) -> int | None:
    return _cents(text, _MOST_BUDGET, "budget") if text else None


def _cents(text: str, most: Decimal, what: str) -> int:
    try:
        amount = Decimal(text) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    # Compared before it is reckoned with: a greater one may have no product at all.
    usable = amount.is_finite() and 0 <= amount <= most
    cents = amount * 100 if usable else Decimal("NaN")
    if not usable or cents != cents.to_integral_value():
        raise ValueError(f"“{text[:40]}” is not a {what}; use 0 to {most} with cents, like 12.50.")
    return int(cents)


def _limit(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > 1_000_000:
        raise ValueError(f"“{text[:40]}” is not a limit; use a whole number, or nothing for none.")
    return int(text)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 90:
        raise ValueError(f"“{text[:40]}” is not a number of days; use 0 to 90.")
    return int(text)


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 100:
        raise ValueError(f"“{text[:40]}” is not a share; use 0 to 100, in percent.")
    return int(text)


def _holidays(text: str) -> tuple[str, ...]:
    days = _list(text)
    for day in days:
        try:
            # A day of every year may be the 29th of February.
            date.fromisoformat(day if len(day) > len("12-25") else f"2024-{day}")
        except ValueError:
            raise ValueError(
                f"“{day[:40]}” is not a day; write 2026-12-24, or 12-25 for every year."
            ) from None
    return tuple(dict.fromkeys(days))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _check_states(states: Iterable[str], regions: Container[str]) -> None:
    for state in states:
        if state not in regions:
            raise ValueError(f"“{state[:40]}” is not a state or province; use codes like NY or ON.")


def _matching(pattern: re.Pattern[str], example: str) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        parts = _list(text)
        wrong = [part for part in parts if not pattern.fullmatch(part)]
        if wrong:
            raise ValueError(f"“{wrong[0][:40]}” is wrong; write them like {example}.")
        return tuple(dict.fromkeys(parts))

    return read


def _members(kind: type[StrEnum]) -> Callable[[str], tuple[StrEnum, ...]]:
    def read(text: str) -> tuple[StrEnum, ...]:
        parts = _list(text)
        wrong = [part for part in parts if part not in set(kind)]
        if wrong:
            raise ValueError(f"“{wrong[0][:40]}” is not known; use {', '.join(kind)}.")
        return tuple(kind(part) for part in dict.fromkeys(parts))

    return read


def _verification(text: str) -> Verification:
    if text not in set(Verification):
        raise ValueError(f"“{text[:40]}” is not known; use {' or '.join(Verification)}.")
    return Verification(text)


def _unitids(text: str) -> tuple[int, ...]:
    parts = _list(text)
    wrong = [part for part in parts if not (part.isascii() and part.isdigit() and len(part) == 6)]
    if wrong or not parts:
        raise ValueError("must be IPEDS numbers of 6 digits, like 194240,190521.")
    return tuple(sorted({int(part) for part in parts}))


def _currency(text: str) -> str:
    if text not in CURRENCIES:
        raise ValueError(f"“{text[:40]}” is not a currency; use {' or '.join(CURRENCIES)}.")
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"“{text[:40]}” is not a time zone; use an IANA name like America/Chicago."
        ) from None


def _weekdays(text: str) -> tuple[int, ...]:
    parts = [part.lower() for part in _list(text)]
    if not parts or not set(parts) <= set(DAYS):
        raise ValueError(f"must be days, like mon,tue,fri; known are {', '.join(DAYS)}.")
    return tuple(sorted({DAYS.index(part) for part in parts}))


def _clock(text: str) -> time:
    if not re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", text) or text >= "24":
        raise ValueError(f"“{text[:40]}” is not a time of day; write it like 09:00.")
    return time.fromisoformat(text)


def _hours(text: str) -> tuple[tuple[int, time, time], ...]:
    found: dict[int, tuple[time, time]] = {}
    for part in _list(text):
        day, _, span = part.partition(" ")
        opens, _, closes = span.partition("-")
        if day.lower() not in DAYS or not closes:
            raise ValueError(f"“{part[:40]}” is wrong; write them like sat 10:00-14:00.")
        found[DAYS.index(day.lower())] = (_clock(opens.strip()), _clock(closes.strip()))
    return tuple((day, *found[day]) for day in sorted(found))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"“{text[:40]}” is not a moment; write it like 2026-12-01T00:00:00-05:00.")
    return moment


_READERS: dict[str, Callable[[str], Any]] = {
    "price": _price,
    "currency": _currency,
    **dict.fromkeys(PERIODS, _limit),
    **dict.fromkeys(BUDGETS, _budget),
    "unitids": _unitids,
    "cips": _matching(_CIP, "51.07,51.38"),
    "credential_levels": _members(CredentialLevel),
    "education_levels": _members(EducationLevel),
    "states": lambda text: tuple(dict.fromkeys(_list(text))),
    "zone": _zone,
    "starts_at": _moment,
    "ends_at": _moment,
    "weekdays": _weekdays,
    "opens": _clock,
    "closes": _clock,
    "holidays": _holidays,
    "hours": _hours,
    "reserve": _price,
    "verification": _verification,
    "return_window_days": _days,
    "return_quota_percent": _percent,
}
