"""What steps answer: plain values that the API writes as JSON and the pages as HTML."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.domain.consent import ConsentText
from models.domain.lead import LeadStatus, TimelineEntry
from models.domain.matching import (
    Listing,
    MatchPage,
    Note,
    NotTakenReason,
    RequestChannel,
    Slate,
)
from models.domain.question import OwnQuestion
from models.domain.request import AcceptedLead, NotTaken


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field that the answers mean."""

    cip: str
    title: str
    specialty: str | None = None


class ShownListing(NamedTuple):
    """A listing with its id and how its school can be asked.

    ``fictional``: the sponsor behind it does not exist.
    """

    id: str
    listing: Listing
    request: RequestChannel
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class Matches:
    """One page of a slate. ``notes`` is not empty while anything here is a demonstration.

    ``on_map``: we know where the student's postal code is, so distances can be told.
    """

    slate: Slate
    page: MatchPage
    fields: tuple[ShownField, ...]
    listings: tuple[ShownListing, ...]
    advice: tuple[Note, ...]
    notes: tuple[Note, ...]
    on_map: bool

    @property
    def demonstration(self) -> bool:
        """Whether simulated visitors or fictional sponsors shape what is shown here."""
        return bool(self.notes)


@dataclass(frozen=True, slots=True)
class Question:
    """A school's own question, asked only for what the journey does not know already."""

    unitid: int
    asked: OwnQuestion


@dataclass(frozen=True, slots=True)
class ChosenSchool:
    """A school behind the chosen listings, in order of its best one.

    ``shut`` says why it takes no request now, told before any consent.
    """

    unitid: int
    name: str
    organization_name: str
    fictional: bool
    listings: tuple[ShownListing, ...]
    shut: NotTakenReason | None
    questions: tuple[OwnQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestForm:
    """What must be asked before a request can be sent."""

    slate: Slate
    schools: tuple[ChosenSchool, ...]
    consents: tuple[ConsentText, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that is kept; ``repeated`` when the same one came before."""

    request_id: UUID
    token: str
    leads: tuple[AcceptedLead, ...]
    not_taken: tuple[NotTaken, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead as its student sees it.

    ``confirm_by``: it waits, or waited, so long for the student to confirm the e-mail address.
    ``mail_stopped``: we may not mail that address, or might not when the link was to go out.
    """

    lead_id: UUID
    unitid: int
    school_name: str
    status: LeadStatus
    timeline: tuple[TimelineEntry, ...]
    confirm_by: datetime | None = None
    mail_stopped: bool = False


@dataclass(frozen=True, slots=True)
class NotTakenView:
    """A chosen school that got no lead, with its name."""

    unitid: int
    school_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request's status, school by school."""

    request_id: UUID
    created_at: datetime
    leads: tuple[LeadView, ...]
    not_taken: tuple[NotTakenView, ...]
