"""Highlights: what a school says of its own listings, once an operator has approved it.

A highlight is a short statement in the school's words or one of the known badges, for all programs
of a school or for one field. It never changes: other words are another highlight that replaces it
when approved, so what stood when can always be told.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.domain.errors import TransitionError
from models.domain.matching import Note

# Standing or waiting, for one school and one field: more than a card can show is nobody's gain.
MOST_STATEMENTS = 3


class HighlightKind(StrEnum):
    """A statement in the school's words, or a badge in ours."""

    STATEMENT = "statement"
    BADGE = "badge"


class HighlightStatus(StrEnum):
    """Where a highlight stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    REPLACED = "replaced"
    TAKEN_DOWN = "taken_down"


_S = HighlightStatus
OPEN = frozenset({_S.PENDING, _S.APPROVED})
TRANSITIONS: dict[HighlightStatus, frozenset[HighlightStatus]] = {
    _S.PENDING: frozenset({_S.APPROVED, _S.DECLINED, _S.TAKEN_DOWN}),
    _S.APPROVED: frozenset({_S.REPLACED, _S.TAKEN_DOWN}),
    _S.DECLINED: frozenset(),
    _S.REPLACED: frozenset(),
    _S.TAKEN_DOWN: frozenset(),
}


def check_transition(old: HighlightStatus, new: HighlightStatus) -> None:
    """Refuse what the table does not allow.

    Raises:
        TransitionError: when ``new`` cannot follow ``old``.
    """
    if new not in TRANSITIONS[old]:
        raise TransitionError("highlight", old, new)


@dataclass(frozen=True, slots=True)
class Highlight:
    """A highlight as kept.

    ``cip`` is the field whose programs it is about; None: all of the school's. ``words`` are the
    statement, or the badge's code. ``flags`` are the claims in it that need a look
    (``content_lint``). ``replaces`` is the one that goes when this is approved.
    """

    id: UUID
    organization_id: UUID
    organization_name: str
    unitid: int
    cip: str | None
    kind: HighlightKind
    words: str
    flags: tuple[str, ...]
    status: HighlightStatus
    created_at: datetime
    created_by: str
    replaces: UUID | None = None

    @property
    def open(self) -> bool:
        """Whether it stands, or may come to."""
        return self.status in OPEN

    def note(self) -> Note:
        """Say it as a card does: whose words they are, and since when."""
        by = {"source": self.organization_name, "as_of": self.created_at.date().isoformat()}
        if self.kind is HighlightKind.BADGE:
            return Note(self.words, by)
        return Note("school_says", {"text": self.words, **by})
