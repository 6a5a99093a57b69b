"""Searches with what a counsellor states of them, and the rules that follow.

``tests/data/relevance/*.toml`` hold one theme each; ``general.toml`` says what is stated of a
search and which rules follow from it. A rule is one of

    must      among the first ``top`` at least ``count`` (1) listings are like this
    must_not  among the first ``top`` no listing is like this
    all       the first ``top`` are all like this
    before    the first listing like ``this`` stands before the first like ``that``
    sorted    the first ``top`` are sorted ``by`` a figure, unknown ones last
    variety   the first ``top`` have at least ``least`` different values ``of`` something

"Like this" are all conditions of ``_LIKE``; a name that begins with ``not_`` turns its meaning
round. A file's own ``rules`` hold of all its searches, its ``published`` are formats that schools
say of themselves and the package lacks.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "relevance"
GENERAL = "general.toml"
FIRST = 5

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked, in the names of the public contract, and what must hold of the results.

    ``paid``: how the names of schools begin that pay for everything they teach. ``held_out``: never
    looked at when the order was tuned; a hash of what is asked decides.
    """

    theme: str
    asked: Mapping[str, Any]
    rules: tuple[Rule, ...]
    paid: tuple[str, ...]
    published: tuple[Mapping[str, Any], ...]

    @property
    def held_out(self) -> bool:
        """Tell which half it belongs to."""
        said = json.dumps(self.asked, sort_keys=True, ensure_ascii=False)
        return bool(hashlib.sha256(said.encode()).digest()[0] & 1)

    @property
    def said(self) -> str:
        """Name a search."""
        return " · ".join(str(value) for value in self.asked.values())


@dataclass(frozen=True, slots=True)
class Stands:
    """A listing as rules look at it; a figure that is not published is None."""

    state: str | None
    credential: str
    control: str
    cip: str
    school: str
    format: str
    sponsored: bool
    graduates: float | None
    earnings: float | None
    miles: float | None
    warnings: frozenset[str]


_LIKE: Mapping[str, Callable[[Stands, Any], bool]] = {
    "states": lambda one, wanted: one.state in wanted,
    "credentials": lambda one, wanted: one.credential in wanted,
    "controls": lambda one, wanted: one.control in wanted,
    "cips": lambda one, wanted: one.cip in wanted,
    "schools": lambda one, wanted: one.school.startswith(tuple(wanted)),
    "formats": lambda one, wanted: one.format in wanted,
    "sponsored": lambda one, wanted: one.sponsored is wanted,
    "graduates": lambda one, wanted: one.graduates is not None and one.graduates >= wanted,
    "miles": lambda one, wanted: one.miles is not None and one.miles <= wanted,
    "warnings": lambda one, wanted: bool(one.warnings & set(wanted)),
}
# Sorted means rising; earnings fall.
_RISING: Mapping[str, Callable[[Stands], float | None]] = {
    "miles": lambda one: one.miles,
    "earnings": lambda one: None if one.earnings is None else -one.earnings,
}
_NOT_LIKENESS = frozenset({"name", "kind", "why", "top", "count", "this", "that"})
# What a counsellor states beside what is asked.
_STATED = frozenset({"home", "around", "leads", "named", "first", "about", "town"})
_OTHER = frozenset({"without", "rules", "paid"})


def read_searches(folder: Path = FOLDER) -> list[Search]:
    """Read all themes."""
    general = tomllib.loads((folder / GENERAL).read_text())
    themes = sorted(path for path in folder.glob("*.toml") if path.name != GENERAL)
    return [search for path in themes for search in _theme(path, general)]


def _theme(path: Path, general: Mapping[str, Any]) -> Iterator[Search]:
    theme = tomllib.loads(path.read_text())
    common = (*general["rules"], *theme.get("rules", ()))
    for each in theme["searches"]:
        stated = {name: each[name] for name in _STATED & each.keys()}
        if isinstance(stated.get("leads"), str):
            stated["leads"] = general["sets"][stated["leads"]]
        left_out = each.get("without", ())
        follow = (_fill(rule, stated) for rule in common if rule["name"] not in left_out)
        yield Search(
            theme=path.stem,
            asked={name: value for name, value in each.items() if name not in _STATED | _OTHER},
            rules=(*(rule for rule in follow if rule), *each.get("rules", ())),
            paid=tuple(each.get("paid", ())),
            published=tuple(theme.get("published", ())),
        )


def _fill(rule: Rule, stated: Mapping[str, Any]) -> Rule | None:
    """Put what a search states where a rule says ``$name``; None when it does not state it."""
    filled: dict[str, Any] = {}
    for name, value in rule.items():
        if isinstance(value, dict):
            filled[name] = _fill(value, stated)
        elif isinstance(value, str) and value.startswith("$"):
            filled[name] = stated.get(value[1:])
        else:
            filled[name] = value
    return None if None in filled.values() else filled


def holds(rule: Rule, listings: Sequence[Stands]) -> bool:
    """Tell whether a rule holds of an order; nothing found keeps no promise of something."""
    if rule["kind"] == "before":
        this, that = (_first_like(rule[name], listings) for name in ("this", "that"))
        return this <= that
    first = listings[: rule["top"]]
    if rule["kind"] == "sorted":
        figures = [_RISING[rule["by"]](one) for one in first]
        keys = [(figure is None, figure or 0.0) for figure in figures]
        return bool(keys) and keys == sorted(keys)
    if rule["kind"] == "variety":
        return len({getattr(one, rule["of"]) for one in first}) >= int(rule["least"])
    alike = [is_like(rule, one) for one in first]
    by_kind = {
        "must": sum(alike) >= int(rule.get("count", 1)),
        "must_not": not any(alike),
        "all": bool(alike) and all(alike),
    }
    return by_kind[rule["kind"]]


def count_against(rule: Rule, listings: Sequence[Stands]) -> int:
    """Count listings among the first five that must not stand there."""
    if rule["kind"] != "must_not":
        return 0
    return sum(is_like(rule, one) for one in listings[: min(FIRST, rule["top"])])


def is_like(rule: Rule, one: Stands) -> bool:
    """Tell whether a listing is like a rule says."""
    return all(
        _LIKE[name.removeprefix("not_")](one, wanted) is not name.startswith("not_")
        for name, wanted in rule.items()
        if name not in _NOT_LIKENESS
    )


def _first_like(rule: Rule, listings: Sequence[Stands]) -> int:
    """The place of the first listing like this; after the last when there is none."""
    return next((n for n, one in enumerate(listings) if is_like(rule, one)), len(listings))
