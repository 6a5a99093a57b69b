"""What is watched of the champion since it was put in service, and traffic by day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple


class ServedListing(NamedTuple):
    """A listing in an organic place that was on a screen.

    ``search`` numbers its slate; ``place`` is from 0 on its page; ``told`` says that the page told
    impressions; ``could_ask`` that its school could be asked.
    """

    search: int
    codes: Sequence[int]
    place: int
    told: bool
    requested: bool
    could_ask: bool


@dataclass(frozen=True, slots=True)
class WatchFigure:
    """One figure beside what the champion was judged on.

    ``value`` is None where there is too little to tell, ``judged`` where there is nothing to
    compare with; ``about`` names what it is of, such as the feature that moved most.
    """

    name: str
    value: float | None
    judged: float | None
    limit: float
    alarm: bool
    about: str = ""


@dataclass(frozen=True, slots=True)
class RankerWatch:
    """The last look at a champion: searches since when, and what they say."""

    version: str
    at: datetime
    since: datetime
    searches: int
    figures: tuple[WatchFigure, ...]

    @property
    def alarms(self) -> tuple[WatchFigure, ...]:
        """The figures that somebody should look at."""
        return tuple(figure for figure in self.figures if figure.alarm)

    def document(self) -> list[dict[str, Any]]:
        """Write the figures as plain values."""
        return [asdict(figure) for figure in self.figures]


@dataclass(frozen=True, slots=True)
class Seen:
    """Listings seen, and what came of them."""

    seen: int = 0
    clicks: int = 0
    requests: int = 0

    @property
    def requests_per_impression(self) -> float | None:
        """Requests for each listing seen; None while none was."""
        return self.requests / self.seen if self.seen else None


@dataclass(frozen=True, slots=True)
class TrafficDay:
    """A day of searches (UTC): of real or of simulated students."""

    day: date
    simulated: bool
    searches: int
    steering_mean: float
    steering_most: float
    organic: Seen
    sponsored: Seen

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Write what came of listings as plain values."""
        return {"organic": asdict(self.organic), "sponsored": asdict(self.sponsored)}
