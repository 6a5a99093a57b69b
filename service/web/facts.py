"""Figures as pages show them: each with the letter of its source, the sources once below."""

from collections.abc import Sequence
from typing import NamedTuple

from models.domain.matching import Fact
from service.web.pages import t

LETTERS = "abcdefgh"


class ShownFact(NamedTuple):
    """One figure with its label; ``mark`` names its source where there are several."""

    label: str
    value: str
    missing: bool
    mark: str


class Source(NamedTuple):
    """Where figures come from, and of which year."""

    mark: str
    words: str


class Facts(NamedTuple):
    """Figures and the sources they name."""

    shown: tuple[ShownFact, ...]
    sources: tuple[Source, ...]

    def __bool__(self) -> bool:
        return bool(self.shown)


def show_facts(facts: Sequence[Fact]) -> Facts:
    """Write figures down; every source and year is named once and has a letter of its own."""
    named = list(dict.fromkeys((fact.source, fact.year) for fact in facts))
    marks = dict(zip(named, LETTERS if len(named) > 1 else [""], strict=False))
    return Facts(
        tuple(shown_fact(fact, marks[fact.source, fact.year]) for fact in facts),
        tuple(
            Source(mark, t("results.facts.source", source=source, year=year))
            for (source, year), mark in marks.items()
        ),
    )


def shown_fact(fact: Fact, mark: str) -> ShownFact:
    """Write a figure; a missing one says so and is never 0."""
    label = t(f"fact.{fact.name}")
    if fact.value is None:
        return ShownFact(label, t("results.facts.not_available"), missing=True, mark=mark)
    return ShownFact(label, figure(fact.value, fact.unit), missing=False, mark=mark)


def figure(value: float, unit: str) -> str:
    """Write a value in its unit."""
    if unit.startswith("usd"):
        return t("number.dollars", value=round(value))
    if unit == "share":
        return t("number.percent", value=round(value * 100))
    return t("number.plain", value=round(value))
