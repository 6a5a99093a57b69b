"""Configuration history: what changed, who changed it and when, from what to what.

Every change of what a school or an operator sets up leaves one row for each thing that it touched,
in the transaction of the change. Who did it is who the transaction's audit row names; where there
is none (a test that arrived, a receiver that is gone), it was the system.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from models.domain.organization import Actor, ActorKind

Document = Mapping[str, Any]

SYSTEM = Actor(ActorKind.SYSTEM, "system")
# What names an item of a list, so that a row that moved is still the same row.
_NAMES = ("to", "question_id", "name")
# Counts changes; it says nothing that the change itself does not.
_COUNTERS = frozenset({"version"})


class Configured(StrEnum):
    """What has a history; each is read by its name in ``models/db/repositories/configured.py``."""

    DESTINATION = "destination"
    CAMPAIGN = "campaign"
    SCHOOL = "school"
    API_KEY = "api_key"
    ROLE = "role"
    HIGHLIGHT = "highlight"
    SIGN_IN = "sign_in"


class Subject(NamedTuple):
    """What is changed; ``within`` is the organization of a role, which names nothing alone."""

    kind: Configured
    id: UUID | int
    within: UUID | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Snapshot:
    """How something stands; ``secrets`` are compared and never kept, so it has no ``repr``.

    ``shown`` is the id that people read.
    """

    organization_id: UUID
    shown: str
    document: Document
    secrets: Document


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one thing; before is None when it was made, after when it is gone.

    ``secrets`` names those that were set, changed or taken away. ``takes_back`` is the change whose
    earlier values this one applied.
    """

    id: UUID
    at: datetime
    actor: Actor
    action: str
    organization_id: UUID
    kind: Configured
    subject: str
    before: Document | None
    after: Document | None
    secrets: tuple[str, ...] = ()
    takes_back: UUID | None = None


class Difference(NamedTuple):
    """A value that changed; None where there was none, or is none any more."""

    path: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Document | None, after: Document | None) -> tuple[Difference, ...]:
    """Compare two documents value by value, in the order in which they stand."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    )


def changed_secrets(before: Snapshot | None, after: Snapshot | None) -> tuple[str, ...]:
    """Name the secrets that differ."""
    old, new = before.secrets if before else {}, after.secrets if after else {}
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))


def put_back(now: Document, before: Document, after: Document) -> dict[str, Any]:
    """Give what a change touched its earlier values, and leave everything else as it is now.

    What a change did to a mapping inside is taken back value by value; a list is one value.
    """
    result = dict(now)
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            here = now.get(name)
            result[name] = put_back(here if isinstance(here, Mapping) else {}, old, new)
        elif name in before:
            result[name] = old
        else:
            result.pop(name, None)
    return result


def rows_changed_since(now: Document, before: Document, after: Document) -> str | None:
    """Name a list of rows that a change touched and that somebody changed again since."""
    for name in {**before, **after}:
        values = before.get(name), after.get(name), now.get(name)
        # What holds now may be written with tuples; what was kept came back as lists.
        old, new, here = (json.dumps(value, sort_keys=True) for value in values)
        if old != new and here not in {old, new} and any(map(_has_rows, values)):
            return name
    return None


def _has_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value)


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if path or name not in _COUNTERS:
                yield from _leaves(each, (*path, str(name)))
    elif _has_rows(value):
        for label, each in zip(_labels(value), value, strict=True):
            yield from _leaves(each, (*path, label))
    elif value is not None and value not in ([], ()):
        yield path, value


def _labels(items: Sequence[Any]) -> list[str]:
    """Name the items of a list by what they say of themselves, else by their places."""
    for key in _NAMES:
        names = [str(each.get(key, "")) if isinstance(each, Mapping) else "" for each in items]
        if all(names) and len(set(names)) == len(names):
            return names
    return [str(place) for place in range(1, len(items) + 1)]
