"""Lists of a school's leads: narrowed, searched, page by page, without saying who they are.

E-mail addresses and telephone numbers are found by their blind indexes, among all leads. Names are
sealed and have none: they are opened and compared for the newest leads alone, ``MOST_OPENED`` of
those that fit the other filters. A search for a person is written down.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from matcher.describe import programs, row_of
from models.domain.errors import UnavailableError
from models.domain.ids import Prefix, show
from models.domain.lead_search import LeadFilter, Sought, SoughtBy
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.school_lead import SchoolLead
from models.domain.staff import Staff
from service.services import Services
from service.steps.staff_doors import staff_actor
from service.steps.staff_leads import masked

PAGE = 25
# Opening one takes some 20 microseconds.
MOST_OPENED = 1_000
# Of how many newest leads the programs and states are offered as filters.
_SEEN = 5_000


@dataclass(frozen=True, slots=True, repr=False)
class LeadInList:
    """A lead as a list shows it, masked."""

    lead: SchoolLead
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """One page of a list; ``next_before`` is where the next one begins, if there is one."""

    leads: tuple[LeadInList, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed to: values and their words, in order."""

    schools: tuple[tuple[str, str], ...]
    programs: tuple[tuple[str, str], ...]
    states: tuple[str, ...]
    campaigns: tuple[tuple[str, str], ...]
    destinations: tuple[tuple[str, str], ...]


def list_leads(
    services: Services,
    organization_id: UUID,
    wanted: LeadFilter,
    *,
    before: UUID | None = None,
    sought: Sought | None = None,
) -> LeadPage:
    """List an organization's leads, newest first, without saying who they are."""
    with services.unit_of_work() as work:
        whom = _whom(work, organization_id, wanted, sought)
        found = work.school_leads.page(organization_id, wanted, PAGE + 1, before, whom)
    shown = tuple(map(_in_list, found[:PAGE]))
    return LeadPage(shown, shown[-1].lead.id if len(found) > PAGE else None)


def note_search(services: Services, staff: Staff, organization_id: UUID, sought: Sought) -> None:
    """Write down that somebody looked for a person, and by what; never for whom."""
    with services.unit_of_work() as work:
        work.organizations.record_audit(
            staff_actor(staff),
            "lead.search",
            show(Prefix.ORGANIZATION, organization_id),
            {"by": sought.by.value},
            services.clock.now(),
        )


def choices(services: Services, organization_id: UUID) -> Choices:
    """Say what an organization's leads can be narrowed to."""
    with services.unit_of_work() as work:
        seen = work.school_leads.seen(organization_id, _SEEN)
        schools = work.organizations.schools(organization_id)
        campaigns = [one for one in work.campaigns.all() if one.organization_id == organization_id]
        places = [one for one in work.destinations.all() if one.organization_id == organization_id]
    names = school_names(services, schools)
    titles = program_titles(services, seen.program_ids)
    return Choices(
        tuple((str(unitid), names[unitid]) for unitid in schools),
        tuple(sorted(titles.items(), key=lambda pair: pair[1])),
        seen.states,
        tuple((show(Prefix.CAMPAIGN, one.id), one.name) for one in campaigns),
        tuple((show(Prefix.DESTINATION, one.id), one.name) for one in places),
    )


def school_names(services: Services, unitids: Collection[int]) -> dict[int, str]:
    """Name schools as the catalog does, by unitid; one that it does not know by its number."""
    names = {unitid: str(unitid) for unitid in unitids}
    try:
        engine = services.serving.state().engine
    except UnavailableError:
        return names
    for unitid in unitids:
        row = engine.index.school_row.get(unitid)
        if row is not None:
            names[unitid] = engine.schools[row].name
    return names


def program_titles(services: Services, ids: Collection[str]) -> dict[str, str]:
    """Name programs as the catalog does, by id; one that it does not know by its id."""
    titles = dict(zip(ids, ids, strict=True))
    try:
        catalog = services.serving.state().engine.catalog
    except UnavailableError:
        return titles
    rows = {one: row for one in ids if (row := row_of(catalog, one)) is not None}
    described = programs(catalog, list(rows.values())) if rows else []
    for one, program in zip(rows, described, strict=True):
        credential = program.credential_level.replace("_", " ")
        titles[one] = f"{program.title}, {credential}"
    return titles


def _whom(
    work: UnitOfWork, organization_id: UUID, wanted: LeadFilter, sought: Sought | None
) -> Sought | tuple[UUID, ...] | None:
    if sought is None or sought.by is not SoughtBy.NAME:
        return sought
    newest = work.school_leads.page(organization_id, wanted, MOST_OPENED)
    words = _plain(sought.value).split()
    return tuple(lead.id for lead in newest if _is_called(lead, words))


def _is_called(lead: SchoolLead, words: Collection[str]) -> bool:
    """Whether each word begins a part of a student's name."""
    if lead.student is None:
        return False
    names = (str(lead.student.get(name) or "") for name in ("first_name", "last_name"))
    parts = _plain(" ".join(names)).replace("-", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _plain(text: str) -> str:
    """A name without case and accents, as people type it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _in_list(lead: SchoolLead) -> LeadInList:
    student = masked(lead.student) if lead.student is not None else {}
    name = f"{student.get('first_name', '')} {student.get('last_name', '')}".strip()
    return LeadInList(lead, name, str(student.get("email") or ""))
