"""Searches of the past as a campaign's preview looks at them: what was asked and what was shown.

Nothing of a student is in a search; small counts are hidden all the same, and others told in tens,
so that no two previews beside each other tell of one student.
"""

from dataclasses import dataclass
from datetime import datetime

from models.domain.matching import Answers

# Below it, a count is not told.
LEAST_TOLD = 10


@dataclass(frozen=True, slots=True)
class PastSearch:
    """A search, and the ids of the programs on the pages of it that were looked at."""

    at: datetime
    answers: Answers
    simulated: bool
    program_ids: tuple[str, ...]


def told(count: int) -> int | None:
    """A count as it may be told, in whole tens; None: fewer than ten."""
    return None if count < LEAST_TOLD else count - count % LEAST_TOLD
