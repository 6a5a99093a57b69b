"""Port: highlights, and what operators decided."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from models.domain.approval import Decision
from models.domain.highlight import Highlight, HighlightStatus


class ApprovalStore(Protocol):
    """Keeps highlights and decisions."""

    def add(self, highlight: Highlight) -> None:
        """Keep a new highlight.

        Raises:
            ConflictError: when the same stands or waits already.
        """
        ...

    def of(self, organization_id: UUID) -> tuple[Highlight, ...]:
        """List an organization's highlights, newest first."""
        ...

    def waiting(self) -> tuple[Highlight, ...]:
        """List what waits for an operator, oldest first."""
        ...

    def standing(self) -> tuple[Highlight, ...]:
        """List what is shown: approved, of schools that are still their organization's."""
        ...

    def get(self, highlight_id: UUID) -> Highlight:
        """Return a highlight, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def move(self, highlight_id: UUID, status: HighlightStatus) -> None:
        """Give a highlight another status."""
        ...

    def decide(self, decision: Decision) -> None:
        """Keep a decision."""
        ...

    def decisions(self, most: int) -> tuple[Decision, ...]:
        """List what was decided, newest first."""
        ...

    def reasons(self, organization_id: UUID) -> Mapping[str, str]:
        """Read what operators said of an organization's highlights, by shown id: the last."""
        ...

    def texts(self) -> Mapping[str, Decision]:
        """Read the newest decision about each version and language of texts, by subject."""
        ...
