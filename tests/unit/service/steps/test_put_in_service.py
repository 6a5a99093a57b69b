"""Invariant 10: no ranker serves without passing the gate, and there is one way to serve."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matcher.registry import ServedRanker
from models.domain.challenge import Challenge, Stage
from models.domain.errors import ConflictError
from models.domain.gate import Condition, GateError, gate_document
from service.steps.put_in_service import Publishing, challenge, put_in_service, stop_challenge

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = Condition("over_random", passed=True, figure="+0.1", limit="above 0")
BAD = Condition("segments", passed=False, figure="NY: -0.2", limit="none worse")
PUBLISHING = Publishing("a test", "why", NOW, production=False)


@dataclass
class Publications:
    """What serves; a fake of the port, as far as the step uses it."""

    serves: dict[str, str | None] = field(
        default_factory=lambda: {"catalog": "c", "ranker": "before"}
    )
    published: list[tuple[Any, ...]] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)

    def current(self) -> dict[str, str | None]:
        return self.serves

    def challenge(self) -> Challenge | None:
        return self.challenges[-1] if self.challenges else None

    def set_challenge(self, row: Challenge) -> None:
        self.challenges.append(row)

    def publish(self, *row: Any) -> None:
        self.published.append(row)


def a_ranker(*rows: Condition, provenance: str = "learned", **judged: str) -> ServedRanker:
    where = {"champion": "before", "catalog": "c", **judged}
    card = {"provenance": provenance, "gate": gate_document(rows, **where)}
    nothing: Any = None
    return ServedRanker("new", provenance, Path("/nowhere"), card, nothing, nothing)


def published(ranker: ServedRanker, what: Publishing = PUBLISHING) -> list[tuple[Any, ...]]:
    publications = Publications()
    work: Any = SimpleNamespace(publications=publications)
    assert put_in_service(work, ranker, what) == "before"
    return publications.published


def test_what_passed_serves_with_who_and_why() -> None:
    assert published(a_ranker(GOOD)) == [("ranker", "new", "a test", "why", NOW)]


def test_invariant_10_no_ranker_serves_without_passing_the_gate() -> None:
    with pytest.raises(GateError, match=r"segments: NY: -0\.2") as refused:
        published(a_ranker(GOOD, BAD))
    assert refused.value.failed == (BAD,)
    with pytest.raises(GateError, match="no gate on its card"):
        published(replace(a_ranker(), card={"provenance": "learned"}))
    # Nor on its way back.
    with pytest.raises(GateError):
        published(a_ranker(BAD), replace(PUBLISHING, back=True))


@pytest.mark.parametrize(
    ("judged", "row"),
    [({"champion": "another"}, "champion_now"), ({"catalog": "another"}, "catalog_now")],
)
def test_what_was_judged_beside_something_else_is_judged_again_first(
    judged: dict[str, str], row: str
) -> None:
    with pytest.raises(GateError, match=row):
        published(a_ranker(GOOD, **judged))
    assert published(a_ranker(GOOD, **judged), replace(PUBLISHING, back=True))
    assert published(a_ranker(GOOD, provenance="prior", **judged))


def test_invariant_14_production_never_serves_what_simulated_visitors_taught() -> None:
    with pytest.raises(ConflictError, match="simulated visitors"):
        published(a_ranker(GOOD, provenance="simulated"), replace(PUBLISHING, production=True))
    assert published(a_ranker(GOOD, provenance="simulated"))


def test_a_challenger_passes_the_same_gate_and_its_promotion_ends_the_challenge() -> None:
    publications = Publications()
    work: Any = SimpleNamespace(publications=publications)
    with pytest.raises(GateError):
        challenge(work, a_ranker(BAD), (Stage.SHADOW, 0.0), PUBLISHING)
    challenge(work, a_ranker(GOOD), (Stage.SHADOW, 0.0), PUBLISHING)
    challenge(work, a_ranker(GOOD), (Stage.CANARY, 5.0), PUBLISHING)
    put_in_service(work, a_ranker(GOOD), PUBLISHING)
    stages = [(row.version, row.stage, row.share) for row in publications.challenges]
    assert stages == [("new", "shadow", 0.0), ("new", "canary", 5.0), ("new", "candidate", 0.0)]
    assert stop_challenge(work, PUBLISHING) is None


def test_there_is_one_way_to_serve() -> None:
    """No other code of the product publishes a ranker, and no option opens the gate."""
    ways = []
    for room in ("commands", "service", "workers", "models", "matcher"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text()
            ways += [path.name] * len(re.findall(r"publish\(\s*\"ranker\"", text))
            assert "--override" not in text, path
    assert ways == ["put_in_service.py"]
