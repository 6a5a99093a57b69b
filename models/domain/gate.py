"""The gate a ranker passes before it serves: conditions with their figures, kept on its card.

Training judges and writes the rows (``matcher.learn.gate``); whoever puts a ranker in service reads
them here, off the card that was signed with the trees. Nothing opens the gate but passing it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.domain.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Condition:
    """One row: what is asked, whether it holds, by which figure, against which limit."""

    name: str
    passed: bool
    figure: str
    limit: str

    def document(self) -> dict[str, object]:
        """Write it as a card keeps it."""
        return {
            "name": self.name,
            "passed": self.passed,
            "figure": self.figure,
            "limit": self.limit,
        }

    def said(self) -> str:
        """Say it in one line."""
        return f"{self.name}: {self.figure} (asked: {self.limit})"


class GateError(ConflictError):
    """A ranker has not passed its gate; ``failed`` are the rows that do not hold."""

    def __init__(self, version: str, failed: Sequence[Condition]) -> None:
        self.version, self.failed = version, tuple(failed)
        rows = "\n".join(f"  {row.said()}" for row in self.failed)
        super().__init__(f"Ranker {version} does not pass the gate:\n{rows}")


def gate_document(
    conditions: Sequence[Condition], *, champion: str | None, catalog: str | None
) -> dict[str, object]:
    """Write a gate as a card keeps it.

    Args:
        conditions: its rows.
        champion: the ranker that served when it was judged, None when none did.
        catalog: the catalog that was published then; None where no catalog matters.
    """
    return {
        "passed": all(row.passed for row in conditions),
        "champion": champion,
        "catalog": catalog,
        "conditions": [row.document() for row in conditions],
    }


def gate_rows(card: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Read the rows off a card; none where it was never judged."""
    gate = card.get("gate") or {}
    return tuple(
        Condition(str(row["name"]), row["passed"] is True, str(row["figure"]), str(row["limit"]))
        for row in gate.get("conditions", ())
    )


def failed_rows(card: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Name the rows of a card that do not hold; one that was never judged has failed."""
    rows = gate_rows(card)
    if not rows:
        return (Condition("judged", passed=False, figure="no gate on its card", limit="a gate"),)
    return tuple(row for row in rows if not row.passed)


def moved_rows(
    card: Mapping[str, Any], *, champion: str | None, catalog: str | None
) -> tuple[Condition, ...]:
    """Name what has changed since a ranker was judged: it was not judged for this.

    A prior is judged by its rules alone and fits any champion and catalog.

    Args:
        card: as signed.
        champion: what serves now.
        catalog: what is published now.
    """
    gate = card.get("gate") or {}
    if card.get("provenance") == "prior":
        return ()
    beside = (
        ("champion_now", gate.get("champion"), champion),
        ("catalog_now", gate.get("catalog"), catalog),
    )
    return tuple(
        Condition(name, passed=False, figure=f"judged with {judged}", limit=f"{now} is there now")
        for name, judged, now in beside
        if judged != now
    )
