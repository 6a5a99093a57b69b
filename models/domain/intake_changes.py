"""Changes to how a school takes leads, as people type them: ``routing=first order=dst_…,dst_…``.

Every problem is collected, so that one answer names them all; nothing is changed when one is wrong.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.intake import (
    DUPLICATE_FIELDS,
    DuplicateRule,
    DuplicateScope,
    Intake,
    Match,
    RouteRule,
    Routing,
)
from models.domain.levels import EducationLevel, Format

_STATE, _CIP = re.compile(r"[A-Z]{2}"), re.compile(r"[0-9]{2}\.[0-9]{2}")
_MOST_DAYS, _MOST_WEIGHT = 730, 1_000
_FORMATS = tuple(each.value for each in Format if each is not Format.EITHER)


def apply_intake_changes(
    intake: Intake, changes: Mapping[str, str], destinations: Collection[UUID]
) -> Intake:
    """Return how leads are taken with the changes made; an empty value clears.

    Args:
        intake: what holds now.
        changes: values by the name of what is changed.
        destinations: those of the school; no other can be named.

    Raises:
        InvalidInputError: naming every change that cannot be made and what to write instead.
    """
    problems: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, typed in changes.items():
        reader = _READERS.get(name)
        if reader is None:
            problems[name] = [f"is not a setting; use one of {', '.join(_READERS)}."]
            continue
        try:
            values[name] = reader(typed.strip(), destinations)
        except ValueError as error:
            problems[name] = [str(error)]
    if problems:
        raise InvalidInputError(problems)
    duplicates = _duplicates(intake.duplicates, values)
    return replace(intake, duplicates=duplicates, **values)


def _duplicates(now: DuplicateRule | None, values: dict[str, Any]) -> DuplicateRule | None:
    changed = {name: values.pop(name) for name in ("match", "days", "scope") if name in values}
    fields = values.pop("duplicates", now.fields if now else ())
    return replace(now or DuplicateRule(()), fields=fields, **changed) if fields else None


def _list(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(",") if part.strip()]


def _destination(shown: str, destinations: Collection[UUID]) -> UUID:
    found = read(Prefix.DESTINATION, shown)
    if found not in destinations:
        raise ValueError(f"{shown} is no destination of this school.")
    return found


def _order(typed: str, destinations: Collection[UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(_destination(each, destinations) for each in _list(typed)))


def _weights(typed: str, destinations: Collection[UUID]) -> tuple[tuple[UUID, int], ...]:
    weights = []
    for each in _list(typed):
        shown, _, weight = each.partition(":")
        if not (weight.isascii() and weight.isdigit()) or not 0 < int(weight) <= _MOST_WEIGHT:
            raise ValueError(f"“{each[:60]}” has no weight; write dst_…:3,dst_…:1, 1 to 1000.")
        weights.append((_destination(shown, destinations), int(weight)))
    return tuple(weights)


def _rules(typed: str, destinations: Collection[UUID]) -> tuple[RouteRule, ...]:
    parts = (part.split() for part in typed.split(";"))
    return tuple(_rule(part, destinations) for part in parts if part)


def _rule(words: list[str], destinations: Collection[UUID]) -> RouteRule:
    groups: dict[str, tuple[str, ...]] = {}
    for word in words[1:]:
        name, _, values = word.partition("=")
        group, allowed = _GROUPS.get(name, ("", lambda _: False))
        wrong = [value for value in _list(values) if not allowed(value)]
        if not group or wrong or not values:
            raise ValueError(
                f"“{word[:60]}” is no condition; write state=NY,NJ level=bachelor cip=51.07 "
                f"format={_FORMATS[0]}."
            )
        groups[group] = tuple(_list(values))
    return RouteRule(_destination(words[0], destinations), **groups)


def _fields(typed: str, _: Collection[UUID]) -> tuple[str, ...]:
    wrong = [part for part in _list(typed) if part not in DUPLICATE_FIELDS]
    if wrong:
        raise ValueError(f"“{wrong[0][:40]}” is not known; use {', '.join(DUPLICATE_FIELDS)}.")
    return tuple(dict.fromkeys(_list(typed)))


def _days(typed: str, _: Collection[UUID]) -> int:
    if not (typed.isascii() and typed.isdigit()) or not 0 < int(typed) <= _MOST_DAYS:
        raise ValueError(f"“{typed[:40]}” is not a number of days; use 1 to {_MOST_DAYS}.")
    return int(typed)


def _word(kind: type[Routing | Match | DuplicateScope]) -> Callable[[str, Collection[UUID]], Any]:
    def read_word(typed: str, _: Collection[UUID]) -> Any:
        if typed not in set(kind):
            raise ValueError(f"“{typed[:40]}” is not known; use {', '.join(kind)}.")
        return kind(typed)

    return read_word


_GROUPS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "state": ("states", lambda value: bool(_STATE.fullmatch(value))),
    "level": ("levels", lambda value: value in set(EducationLevel)),
    "cip": ("cips", lambda value: bool(_CIP.fullmatch(value))),
    "format": ("formats", lambda value: value in _FORMATS),
}
_READERS: Mapping[str, Callable[[str, Collection[UUID]], Any]] = {
    "routing": _word(Routing),
    "order": _order,
    "weights": _weights,
    "rules": _rules,
    "duplicates": _fields,
    "match": _word(Match),
    "days": _days,
    "scope": _word(DuplicateScope),
}
