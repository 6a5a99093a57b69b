"""A school's highlights: written here, read by the lint, decided by an operator, shown on cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from matcher.catalog import BADGES
from models.domain.content_lint import MOST_STATEMENT, lint, refusals
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.highlight import (
    MOST_STATEMENTS,
    Highlight,
    HighlightKind,
    HighlightStatus,
    check_transition,
)
from models.domain.ids import Prefix, new_id, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.staff_campaigns import Offered, offered
from service.steps.staff_doors import staff_actor


@dataclass(frozen=True, slots=True)
class HighlightRoom:
    """An organization's highlights, newest first, and what they can be about.

    ``reasons`` are what operators said of them last, by shown id.
    """

    highlights: tuple[Highlight, ...]
    offered: Offered
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HighlightWanted:
    """A highlight as typed: ``cip`` empty is all fields; ``replaces`` a shown id, or empty."""

    unitid: str
    cip: str
    kind: str
    statement: str
    badge: str
    replaces: UUID | None = None


def highlights(services: Services, organization_id: UUID) -> HighlightRoom:
    """Read an organization's highlights."""
    with services.unit_of_work() as work:
        found = work.approvals.of(organization_id)
        reasons = work.approvals.reasons(organization_id)
    return HighlightRoom(found, offered(services, organization_id), reasons)


def write(services: Services, staff: Staff, organization_id: UUID, wanted: HighlightWanted) -> UUID:
    """Keep a highlight until an operator decides; what the lint refuses is not kept.

    Raises:
        InvalidInputError: naming each field to mend, and what to write instead.
        NotFoundError: when what it replaces is not this organization's.
        ConflictError: when what it replaces stands no more.
    """
    about = offered(services, organization_id)
    kind, words, unitid = _read(services, about, wanted)
    cip, now = wanted.cip or None, services.clock.now()
    with services.unit_of_work() as work:
        before = work.approvals.of(organization_id)
        replaced = next((each for each in before if each.id == wanted.replaces), None)
        if wanted.replaces is not None and replaced is None:
            raise NotFoundError("there is no such highlight")
        _check_room(before, unitid, cip, kind, replaced)
        organization = work.organizations.get(organization_id)
        found = lint(words, _others(services, about)) if kind is HighlightKind.STATEMENT else ()
        who = staff_actor(staff)
        made = Highlight(
            id=new_id(now),
            organization_id=organization_id,
            organization_name=organization.name if organization else "",
            unitid=unitid,
            cip=cip,
            kind=kind,
            words=words,
            flags=tuple(each.claim.value for each in found),
            status=HighlightStatus.PENDING,
            created_at=now,
            created_by=who.name,
            replaces=wanted.replaces,
        )
        try:
            work.approvals.add(made)
        except ConflictError as error:
            field = "badge" if kind is HighlightKind.BADGE else "statement"
            raise InvalidInputError({field: [say("highlight_known")]}) from error
        note(work, who, "highlight.write", made, now)
    return made.id


def take_down(services: Services, staff: Staff, organization_id: UUID, highlight_id: UUID) -> None:
    """Take an own highlight down, or back while it waits; it is gone within a second.

    Raises:
        NotFoundError: when it is not this organization's.
        TransitionError: when it neither stands nor waits.
    """
    with services.unit_of_work() as work:
        found = work.approvals.get(highlight_id)
        if found.organization_id != organization_id:
            raise NotFoundError("there is no such highlight")
        check_transition(found.status, HighlightStatus.TAKEN_DOWN)
        work.approvals.move(highlight_id, HighlightStatus.TAKEN_DOWN)
        note(work, staff_actor(staff), "highlight.take_down", found, services.clock.now())


def note(work: UnitOfWork, who: Actor, action: str, about: Highlight, now: datetime) -> None:
    """Write down who did what with a highlight."""
    detail = {"unitid": about.unitid, "cip": about.cip, "words": about.words}
    shown = show(Prefix.HIGHLIGHT, about.id)
    work.organizations.record_audit(who, action, shown, detail, now)


def _read(
    services: Services, about: Offered, wanted: HighlightWanted
) -> tuple[HighlightKind, str, int]:
    problems: dict[str, list[str]] = {}
    kind = HighlightKind.BADGE if wanted.kind == "badge" else HighlightKind.STATEMENT
    schools = {str(unitid): unitid for unitid in about.schools}
    if wanted.unitid not in schools:
        problems["unitid"] = [say("school_unknown")]
    if wanted.cip and wanted.cip not in about.fields:
        problems["cip"] = ["Choose a field that your schools teach."]
    words = wanted.badge if kind is HighlightKind.BADGE else " ".join(wanted.statement.split())
    if kind is HighlightKind.BADGE and words not in BADGES:
        problems["badge"] = ["Choose a badge."]
    if kind is HighlightKind.STATEMENT:
        problems |= _statement_problems(services, about, words)
    if problems:
        raise InvalidInputError(problems)
    return kind, words, schools[wanted.unitid]


def _statement_problems(services: Services, about: Offered, words: str) -> Mapping[str, list[str]]:
    if not words:
        return {"statement": [say("empty")]}
    if len(words) > MOST_STATEMENT:
        return {"statement": [say("too_long", most=MOST_STATEMENT)]}
    if not words.isprintable():
        return {"statement": [say("control_characters")]}
    refused = refusals(words, _others(services, about))
    return {"statement": [" ".join(refused)]} if refused else {}


def _others(services: Services, about: Offered) -> Sequence[str]:
    """Names of schools that are not the organization's, nor hidden in the names of its own."""
    own = [school.name.casefold() for school in about.schools.values()]
    catalog = services.serving.state().engine.catalog
    names = (catalog.school_name[row] for row in range(len(catalog.unitid)))
    return [name for name in names if not any(name.casefold() in each for each in own)]


def _check_room(
    before: Sequence[Highlight],
    unitid: int,
    cip: str | None,
    kind: HighlightKind,
    replaced: Highlight | None,
) -> None:
    open_now = [
        each
        for each in before
        if each.open and each.unitid == unitid and each.cip == cip and each.kind is kind
    ]
    leaving = replaced is not None and replaced in open_now
    if kind is HighlightKind.STATEMENT and len(open_now) - leaving >= MOST_STATEMENTS:
        full = f"{MOST_STATEMENTS} statements stand or wait here. Take one down, or replace it."
        raise InvalidInputError({"statement": [full]})
    if replaced is not None and replaced.status is not HighlightStatus.APPROVED:
        raise ConflictError(say("changed_meanwhile"))
