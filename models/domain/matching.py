"""What a match is made of: the answers that go in, the listings that come out.

Plain values, shared by the matcher (which makes them), the service (which shows them) and the
database (which keeps them, so that what was served can be replayed). Those that a page holds by
the score are named tuples: made in a third of the time that a frozen dataclass takes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import repeat
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from models.domain.levels import CredentialLevel, EducationLevel, Format

PAGE_SIZE = 20
# How many seeds of exploration there are; each is as likely as any other.
SEEDS = 1 << 63
_Kind = TypeVar("_Kind", bound=tuple[Any, ...])
_NONE: Mapping[str, str | int | float] = MappingProxyType({})


def make_each(kind: type[_Kind], columns: Iterable[Iterable[Any]]) -> list[_Kind]:
    """Make named tuples of a kind from rows of all their values.

    ``kind(...)`` and ``kind._make`` run Python code for each; this does not, and checks nothing.
    """
    return [*map(tuple.__new__, repeat(kind), columns)]


class Sort(StrEnum):
    """The order of results; any but ``relevance`` binds everyone, sponsors too."""

    RELEVANCE = "relevance"
    DISTANCE = "distance"
    NET_PRICE = "net_price"
    EARNINGS = "earnings"


class PlacePrecision(StrEnum):
    """How well we know where a campus is, best first."""

    EXACT = "exact"
    CITY = "city"
    STATE = "state"
    UNKNOWN = "unknown"


class NotTakenReason(StrEnum):
    """Why a school that a student chooses gets no lead."""

    FULL = "full"
    CLOSED = "closed"
    DUPLICATE = "duplicate"


class RequestChannel(StrEnum):
    """How a student can ask the school: here, on its own site, or not at all."""

    HERE = "here"
    SCHOOL_SITE = "school_site"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a student narrowed the results to; an empty group means no narrowing."""

    credential_levels: tuple[CredentialLevel, ...] = ()
    states: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """A search's answers, checked: no personal data.

    ``postal_code`` is normal form (``10940`` or ``K1A0B1``); ``region`` a US state or Canadian
    province code. ``fields`` are 4-digit CIP families (``51.07``) that the words in ``query`` or
    the chosen field mean, best first; empty is "not sure yet". ``specialty_credential`` is the
    usual credential of the everyday ``specialty`` those words name.
    """

    education_level: EducationLevel
    postal_code: str | None = None
    region: str | None = None
    fields: tuple[str, ...] = ()
    specialty: str | None = None
    specialty_credential: CredentialLevel | None = None
    query: str | None = None
    format: Format = Format.EITHER
    max_distance_miles: int | None = None
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    hide_sponsored: bool = False


@dataclass(frozen=True, slots=True)
class CampaignOffer:
    """A campaign as allocation sees it at one moment: everything it may depend on, nothing else.

    ``unitids`` and ``cips`` select its programs (empty ``cips``: all of the schools');
    ``price_minor`` is in minor units of ``currency``; ``pacing`` in 0..1; ``open`` says that
    schedule, capacity and budget allow it to place a listing now. ``shut``: why even what it
    placed before takes no request now; outside its hours alone it still does.
    """

    campaign_id: UUID
    version_id: UUID
    organization_id: UUID
    price_minor: int
    currency: str
    unitids: tuple[int, ...]
    cips: tuple[str, ...] = ()
    credential_levels: tuple[CredentialLevel, ...] = ()
    education_levels: tuple[EducationLevel, ...] = ()
    states: tuple[str, ...] = ()
    pacing: float = 1.0
    open: bool = True
    fictional: bool = False
    shut: NotTakenReason | None = None


class Fact(NamedTuple):
    """One figure on a card, with where it comes from; ``value`` None is "Not available"."""

    name: str
    value: float | None
    unit: str
    source: str
    year: str


class FactKind(NamedTuple):
    """What a figure is and where it comes from: a fact but for its value."""

    name: str
    unit: str
    source: str
    year: str


class Facts(NamedTuple):
    """The figures of a card: their kinds, which most cards share, and their values."""

    kinds: tuple[FactKind, ...] = ()
    values: tuple[float | None, ...] = ()

    def each(self) -> tuple[Fact, ...]:
        """The figures one by one."""
        pairs = zip(self.kinds, self.values, strict=True)
        return tuple(
            [Fact(kind.name, value, kind.unit, kind.source, kind.year) for kind, value in pairs]
        )

    def named(self, names: Collection[str]) -> "Facts":
        """Only the figures of some names."""
        kept = [place for place, kind in enumerate(self.kinds) if kind.name in names]
        return Facts(
            tuple(self.kinds[place] for place in kept), tuple(self.values[place] for place in kept)
        )


class Note(NamedTuple):
    """A reason, warning or badge: a message key and its values; the words live in catalogues."""

    code: str
    values: Mapping[str, str | int | float] = _NONE


class School(NamedTuple):
    """A school as shown."""

    unitid: int
    name: str
    state: str | None
    control: str
    city: str | None = None
    url: str | None = None


class Program(NamedTuple):
    """A program as shown; ``id`` is stable over catalog versions."""

    id: str
    unitid: int
    cip: str
    title: str
    credential_level: CredentialLevel
    format: Format | None


class Listing(NamedTuple):
    """A program in its place on a slate, with everything needed to show, explain and replay it.

    ``position`` and ``organic_position`` count from 1 over the whole slate; ``score`` is the
    fixed-point sum, ``codes`` the feature codes it was computed from, in the ranker's order;
    ``propensity`` the probability that chance gave this listing this organic position, and
    ``plain_position`` the one it would have had without; None when that is the same.

    ``distance_miles`` is told as well as the place is known: to a tenth where it is exact, else to
    ten from 25 on. ``nearby`` says that it is less than 25 by a place that is not exact, and how
    much less nobody knows.
    """

    position: int
    organic_position: int
    program: Program
    school: School
    campaign_version_id: UUID | None
    score: int
    codes: tuple[int, ...]
    propensity: float
    distance_miles: float | None
    place_precision: PlacePrecision
    facts: Facts
    warnings: tuple[Note, ...]
    badges: tuple[Note, ...]
    reasons: tuple[Note, ...]
    nearby: bool = False
    plain_position: int | None = None

    @property
    def sponsored(self) -> bool:
        """Whether a campaign put it there."""
        return self.campaign_version_id is not None


@dataclass(frozen=True, slots=True)
class FacetOption:
    """An option of a facet and how many programs are left if it alone is chosen in its group."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class MatchPage:
    """One page of a slate, as the matcher draws it.

    ``explored``: chance drew the order of the slate's first organic places; ``draw_propensity``
    the probability that it drew this one, all places together (``matcher.explore``).

    ``total`` counts the programs found; ``sponsored_total`` those of them whose schools have a
    campaign that could pay; ``format_known`` those whose format is published.
    """

    page: int
    pages: int
    total: int
    sponsored_total: int
    format_known: int
    steering_index: float
    listings: tuple[Listing, ...]
    facets: Mapping[str, tuple[FacetOption, ...]]
    advice: tuple[Note, ...] = ()
    explored: bool = False
    draw_propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Slate:
    """Everything that decides what is shown for a search, as it was: replaying it draws it again.

    ``offers`` are the campaigns as they were when the slate was drawn. ``simulated`` says that
    nobody real asked. ``explore_share`` in 0..1 is the chance that its order was explored,
    ``explore_seed`` below ``SEEDS`` decides whether it was and how.
    """

    id: UUID
    search_id: UUID
    created_at: datetime
    answers: Answers
    locale: str
    jurisdiction: str
    catalog_version: str
    ranker_version: str
    seed: int
    offers: tuple[CampaignOffer, ...]
    publisher_id: UUID | None = None
    landing_page: str | None = None
    creative: str | None = None
    simulated: bool = False
    explore_share: float = 0.0
    explore_seed: int = 0
