"""What steps are asked: values that the schemas of ``service.api.v1`` have checked."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from models.domain.consent import Channel
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Filters, Sort
from models.domain.place import PostalCode
from models.domain.request import Evidence, Student
from models.domain.slates import EventKind


@dataclass(frozen=True, slots=True)
class SearchInput:
    """A search, or one more page of a slate.

    Without ``slate_id`` the education level and one of postal code and region are there. ``field``
    is a CIP family, ``query`` free text; never both. The last three say whose page it came from.
    """

    education_level: EducationLevel | None = None
    postal_code: PostalCode | None = None
    region: str | None = None
    field: str | None = None
    query: str | None = None
    format: Format = Format.EITHER
    max_distance_miles: int | None = None
    filters: Filters = dataclasses.field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    hide_sponsored: bool = False
    slate_id: UUID | None = None
    page: int = 1
    locale: str = "en"
    publisher_id: UUID | None = None
    landing_page: str | None = None
    creative: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, as far as the connection tells; ``address`` only counts and is evidence."""

    address: str
    user_agent: str = ""
    privacy_control: bool = False


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """One box ticked: a school, a channel, and the text that stood beside it."""

    unitid: int
    channel: Channel
    text_id: str


@dataclass(frozen=True, slots=True)
class RequestInput:
    """A submission; ``answers`` maps unitids to answers by question id."""

    slate_id: UUID
    listing_ids: tuple[str, ...]
    student: Student
    consents: tuple[ConsentGiven, ...]
    answers: Mapping[int, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Submission:
    """How a submission came: its key, a hash of its body, and where from.

    ``confirm``: no school gets it before its student opened the link that is mailed to them.
    ``by_program``: who sent it need not be the student.
    """

    idempotency_key: str
    body_hash: bytes
    evidence: Evidence
    privacy_control: bool = False
    source: str = "site"
    confirm: bool = False
    by_program: bool = False


@dataclass(frozen=True, slots=True)
class EventInput:
    """One thing a visitor did with a listing."""

    kind: EventKind
    listing_id: str
