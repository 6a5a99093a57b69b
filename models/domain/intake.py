"""How a school takes leads: over which of its destinations, and which it knows already.

A school with several destinations is *shared* between them (each gets every lead) or *exclusive*
(one of them gets it): the first that accepts, one chosen by weight, or one chosen by rule. A
duplicate is decided by blind indexes before anything is sent, and the student is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.domain.question import OwnQuestion, read_questions


class Routing(StrEnum):
    """Which of a school's destinations get a lead."""

    ALL = "all"
    FIRST = "first"
    WEIGHTED = "weighted"
    RULES = "rules"


class Match(StrEnum):
    """Whether one field that is the same makes a duplicate, or only all of them."""

    ANY = "any"
    ALL = "all"


class DuplicateScope(StrEnum):
    """Among whose leads a duplicate is looked for."""

    SCHOOL = "school"
    ORGANIZATION = "organization"


# What there are blind indexes of.
DUPLICATE_FIELDS = ("email", "phone")


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """When a lead is one that the school has: same ``fields`` within ``days``."""

    fields: tuple[str, ...]
    match: Match = Match.ANY
    days: int = 90
    scope: DuplicateScope = DuplicateScope.SCHOOL


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What a rule may look at: the student's region and level, the program's field and format."""

    state: str | None
    level: str
    cips: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteRule:
    """A destination, and what a lead must be to go there; empty groups ask for nothing."""

    destination_id: UUID
    states: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    cips: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def fits(self, facts: RouteFacts) -> bool:
        """Tell whether a lead is one of those."""
        return (
            (not self.states or facts.state in self.states)
            and (not self.levels or facts.level in self.levels)
            and (not self.cips or not set(self.cips).isdisjoint(facts.cips))
            and (not self.formats or not set(self.formats).isdisjoint(facts.formats))
        )


@dataclass(frozen=True, slots=True)
class Route:
    """Where a lead goes at once, and where next, one after the other, while nobody accepts it."""

    now: tuple[UUID, ...]
    then: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """How a lead is taken: what makes it one that the school has, and where it goes."""

    duplicates: DuplicateRule | None = None
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """How a school takes leads; ``order`` and ``weights`` name its destinations.

    ``questions`` are asked of each student who asks the school, in that order.
    """

    routing: Routing = Routing.ALL
    order: tuple[UUID, ...] = ()
    weights: tuple[tuple[UUID, int], ...] = ()
    rules: tuple[RouteRule, ...] = ()
    duplicates: DuplicateRule | None = None
    questions: tuple[OwnQuestion, ...] = ()

    def route(self, open_to: Sequence[UUID], facts: RouteFacts, chance: float) -> Route:
        """Choose among a school's open destinations; a lead always goes somewhere.

        Args:
            open_to: destinations that are active and tested, at least one, in a fixed order.
            facts: what rules look at.
            chance: uniform in 0..1, an input so that tests can repeat.
        """
        if self.routing is Routing.ALL:
            return Route(tuple(open_to))
        named = [one for one in self.order if one in open_to]
        ordered = (*named, *(one for one in open_to if one not in named))
        if self.routing is Routing.FIRST:
            return Route(ordered[:1], ordered[1:])
        if self.routing is Routing.WEIGHTED:
            return Route((self._weighted(ordered, chance),))
        fitting = (rule.destination_id for rule in self.rules if rule.fits(facts))
        chosen = next((one for one in fitting if one in open_to), ordered[0])
        return Route((chosen,))

    def _weighted(self, ordered: Sequence[UUID], chance: float) -> UUID:
        """Draw one; a destination without a weight gets nothing unless none has one."""
        weights = dict(self.weights)
        weighed = [(one, weights.get(one, 0)) for one in ordered]
        total = sum(weight for _, weight in weighed)
        reached = 0.0
        for one, weight in weighed:
            reached += weight
            if total and chance * total < reached:
                return one
        return ordered[0]

    def document(self) -> dict[str, Any]:
        """Write it as plain JSON values."""
        return {
            "routing": self.routing.value,
            "order": [one.hex for one in self.order],
            "weights": [[one.hex, weight] for one, weight in self.weights],
            "rules": [
                {**asdict(rule), "destination_id": rule.destination_id.hex} for rule in self.rules
            ],
            "duplicates": self.duplicates and asdict(self.duplicates),
            "questions": [question.document() for question in self.questions],
        }


@dataclass(frozen=True, slots=True)
class OpenSchool:
    """How a school takes leads, and its destinations that are active and tested, in order."""

    intake: Intake
    open_to: tuple[UUID, ...]


def read_intake(document: Mapping[str, Any] | None) -> Intake:
    """Read it back; none is a school that shares every lead and knows no duplicates."""
    if not document:
        return Intake()
    return Intake(
        routing=Routing(document["routing"]),
        order=tuple(map(UUID, document["order"])),
        weights=tuple((UUID(one), weight) for one, weight in document["weights"]),
        rules=tuple(map(_read_rule, document["rules"])),
        duplicates=_read_duplicates(document["duplicates"]),
        # Written before schools could ask anything, it says nothing of questions.
        questions=read_questions(document.get("questions", [])),
    )


def _read_rule(document: Mapping[str, Any]) -> RouteRule:
    groups = {name: tuple(document[name]) for name in ("states", "levels", "cips", "formats")}
    return RouteRule(UUID(document["destination_id"]), **groups)


def _read_duplicates(document: Mapping[str, Any] | None) -> DuplicateRule | None:
    if document is None:
        return None
    return DuplicateRule(
        tuple(document["fields"]),
        Match(document["match"]),
        document["days"],
        DuplicateScope(document["scope"]),
    )
