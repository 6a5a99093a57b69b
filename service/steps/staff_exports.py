"""Leads as a table: prepared as a link that opens once, and made while it is sent.

An admin alone exports: one table holds what many single looks would, so each is written down with
how many rows it has. Nothing of it is kept on a disk.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.lead_export import NewExport, Whose, new_export
from models.domain.lead_search import LeadFilter
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff, hash_token
from models.exchange.lead_export import EXPORT_COLUMNS, export_row
from models.exchange.writing import write_table
from service.services import Services
from service.steps.staff_doors import staff_actor

MOST_ROWS = 50_000
Detail = Mapping[str, object]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Prepared:
    """An export and how many rows it would have now."""

    export: NewExport
    rows: int


def prepare(
    services: Services,
    staff: Staff,
    organization_id: UUID,
    asked: tuple[Mapping[str, str], LeadFilter],
) -> Prepared:
    """Prepare an export of the leads that filters leave.

    Args:
        services: the outside.
        staff: who asks.
        organization_id: whose leads.
        asked: the filters as an address has them, and what they mean.

    Raises:
        InvalidInputError: when there are none, or too many.
    """
    values, wanted = asked
    now = services.clock.now()
    export = new_export(Whose(organization_id, staff.id), values, now, services.randomness)
    with services.unit_of_work() as work:
        rows = _count(work, organization_id, wanted)
        work.lead_exports.add(export)
        detail = {"rows": rows, "filters": dict(values)}
        _note(services, work, staff, ("lead.export", organization_id), detail)
    return Prepared(export, rows)


def take(
    services: Services,
    staff: Staff,
    organization_id: UUID,
    token: str,
    read: Callable[[Mapping[str, str]], LeadFilter],
) -> Iterator[bytes]:
    """Open an export's link, this once, and give the table piece by piece.

    Raises:
        NotFoundError: when it is not theirs, was opened before, or has ended.
        InvalidInputError: when there are none left, or too many.
    """
    hashed, now = hash_token(token), services.clock.now()
    with services.unit_of_work() as work:
        taken = work.lead_exports.take(hashed, Whose(organization_id, staff.id), now)
        if taken is None:
            raise NotFoundError("there is no such export")
        wanted = read(taken.filters)
        wanted = replace(wanted, until=min(wanted.until or taken.created_at, taken.created_at))
        rows = _count(work, organization_id, wanted)
        work.lead_exports.note_rows(hashed, rows)
        detail = {"rows": rows, "filters": dict(taken.filters)}
        _note(services, work, staff, ("lead.export.open", organization_id), detail)
    return _pieces(services, organization_id, wanted)


def _pieces(services: Services, organization_id: UUID, wanted: LeadFilter) -> Iterator[bytes]:
    before: UUID | None = None
    yield write_table(EXPORT_COLUMNS, ())
    while True:
        with services.unit_of_work() as work:
            found = work.school_leads.page(organization_id, wanted, _AT_ONCE, before)
        if not found:
            return
        first, *others = map(export_row, found)
        yield write_table(first, others)
        before = found[-1].id


def _count(work: UnitOfWork, organization_id: UUID, wanted: LeadFilter) -> int:
    rows = work.school_leads.count(organization_id, wanted, MOST_ROWS + 1)
    if not rows:
        raise InvalidInputError({"export": ["No lead fits, so there is nothing to export."]})
    if rows > MOST_ROWS:
        most = f"{MOST_ROWS:,}"
        raise InvalidInputError({"export": [f"Narrow the list to at most {most} leads first."]})
    return rows


def _note(
    services: Services, work: UnitOfWork, staff: Staff, done: tuple[str, UUID], detail: Detail
) -> None:
    action, organization_id = done
    shown = show(Prefix.ORGANIZATION, organization_id)
    now = services.clock.now()
    work.organizations.record_audit(staff_actor(staff), action, shown, detail, now)
