"""What a school's staff see first: destinations that need somebody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Trouble(StrEnum):
    """Why a destination takes no leads, or not well, worst first."""

    SWITCHED_OFF = "switched_off"
    UNTESTED = "untested"
    PAUSED = "paused"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class TroubledDestination:
    """A destination that needs somebody; ``since`` when it has been failing, where that is it."""

    id: UUID
    name: str
    trouble: Trouble
    since: datetime | None
