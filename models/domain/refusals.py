"""When a school suddenly refuses more leads than it used to.

A school that begins to reject, whatever its reason, costs students answers and us money: either
something is wrong with what we send, or with what it says. Compared are the leads it answered for
in the last week and in the four weeks before.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from uuid import UUID

RECENT, BEFORE = timedelta(days=7), timedelta(days=28)
# Fewer say nothing.
_FEWEST = 10
# By so many standard deviations a share must be above the one before: chance alone does that to
# one school in 30,000 a week.
_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many of the leads that an organization answered for it refused, of late and before."""

    organization_id: UUID
    organization_name: str
    recent: int
    recent_refused: int
    before: int
    before_refused: int

    @property
    def jumped(self) -> bool:
        """Whether it refuses more than chance explains."""
        if self.recent < _FEWEST:
            return False
        usual = (self.before_refused + 1) / (self.before + 2)  # Laplace's rule: never 0 nor 1
        spread = sqrt(usual * (1 - usual) / self.recent)
        return self.recent_refused / self.recent - usual > _DEVIATIONS * spread
