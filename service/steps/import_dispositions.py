"""A table of what became of leads: each row kept and judged as if it had come by itself.

Columns: ``lead_id`` and ``status``, and ``reason`` and ``at`` if there are any; others are not
read. A row that cannot count says why and stops no other; the same table again changes nothing.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read
from models.domain.lead import DISPOSITION_TRANSITIONS, REFUSALS, DispositionStatus
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.returns import ReturnTerms
from service.steps.receive_disposition import (
    BY_TERMS,
    AboutLead,
    DispositionInput,
    Ledger,
    check_moment,
    keep_disposition,
    what_may_follow,
)

# The columns that are read; the first two must be there.
COLUMNS = ("lead_id", "status", "reason", "at")
MOST_ROWS = 10_000
MOST_BYTES = 2_000_000
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that does not count: its line in the table, the lead it names, and why."""

    line: int
    lead_id: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """What a table came to."""

    kept: int
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class ForeseenTable:
    """What a table would come to: how many rows would count, and which would not."""

    good: int
    refused: tuple[RefusedRow, ...]


@dataclass(slots=True)
class _Before:
    """What the rows before one would have come to; returns by campaign and month."""

    now: datetime
    said: dict[UUID, DispositionStatus] = field(default_factory=dict)
    returned: Counter[tuple[UUID, str | None]] = field(default_factory=Counter)


def foresee_dispositions(ledger: Ledger, organization_id: UUID, table: bytes) -> ForeseenTable:
    """Judge every row of a table as it would be judged now; nothing of it is kept.

    Raises:
        InvalidInputError: when it is no such table.
    """
    good, refused = 0, []
    before = _Before(ledger.clock.now())
    with ledger.unit_of_work() as work:
        for line, row in _rows(table):
            why = _why_not(partial(_foresee, work, organization_id, row, before))
            if why is None:
                good += 1
            else:
                refused.append(RefusedRow(line, row["lead_id"], why))
    return ForeseenTable(good, tuple(refused))


def import_dispositions(ledger: Ledger, organization_id: UUID, table: bytes) -> ImportedTable:
    """Keep every row of a table (CSV, UTF-8, comma or semicolon) and let it count where it may.

    Raises:
        InvalidInputError: when it is no such table; nothing of it was kept.
    """
    kept, refused = 0, []
    for line, row in _rows(table):
        why = _why_not(partial(_keep, ledger, organization_id, row))
        if why is None:
            kept += 1
        else:
            refused.append(RefusedRow(line, row["lead_id"], why))
    return ImportedTable(kept, tuple(refused))


def _why_not(judge: Callable[[], None]) -> str | None:
    try:
        judge()
    except InvalidInputError as error:
        return " ".join(str(text) for found in error.messages.values() for text in found)
    except (ConflictError, NotFoundError) as error:
        return str(error)
    return None


def _foresee(
    work: UnitOfWork, organization_id: UUID, row: Mapping[str, str], before: _Before
) -> None:
    """Judge one row, which would follow those before it."""
    lead_id = read(Prefix.LEAD, row["lead_id"])
    if work.dispositions.lead_owner(lead_id) != organization_id:
        raise NotFoundError("There is no such lead. Copy the id from the lead, or from its mail.")
    one = _said(row)
    check_moment(one.at, before.now)
    last = before.said.get(lead_id) or work.dispositions.last_applied(lead_id)
    if one.status is not last and one.status not in DISPOSITION_TRANSITIONS[last]:
        raise ConflictError(what_may_follow(one.status, last))
    if one.status is not last and one.status in REFUSALS:
        _foresee_terms(work.returns.terms(organization_id, lead_id), one.status, before)
    before.said[lead_id] = one.status


def _foresee_terms(terms: ReturnTerms | None, said: DispositionStatus, before: _Before) -> None:
    """Judge a refusal by its lead's terms; of one that is not charged there are none."""
    if terms is None:
        return
    window = (terms.month.campaign_id, terms.month.month)
    verdict = terms.judge(said, before.now, before.returned[window])
    if verdict in BY_TERMS:
        raise ConflictError(BY_TERMS[verdict])
    before.returned[window] += said is DispositionStatus.RETURNED


def _keep(ledger: Ledger, organization_id: UUID, row: Mapping[str, str]) -> None:
    about = AboutLead(organization_id, read(Prefix.LEAD, row["lead_id"]))
    raw = json.dumps(dict(row), sort_keys=True).encode()
    keep_disposition(ledger, about, raw, lambda _: _said(row))


def _rows(table: bytes) -> Sequence[tuple[int, Mapping[str, str]]]:
    """Read the rows that say anything, each with the line of the table that it begins on."""
    if len(table) > MOST_BYTES:
        raise InvalidInputError({"table": [f"is too long; use {MOST_BYTES // 1_000_000} MB."]})
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError({"table": ["is not UTF-8; save it as CSV UTF-8."]}) from error
    if "\0" in text:
        raise InvalidInputError({"table": ["is no CSV: it holds a character that no text has."]})
    head = text.partition("\n")[0]
    try:
        lines = list(_lines(text, ";" if ";" in head else ","))
    except csv.Error as error:
        raise InvalidInputError({"table": [f"is no CSV: {error}."]}) from error
    names = [name.lower() for name in lines[0][1]] if lines else []
    if not {"lead_id", "status"} <= set(names):
        raise InvalidInputError({"table": ["needs columns lead_id and status in its first line."]})
    if len(lines) > MOST_ROWS + 1:
        raise InvalidInputError({"table": [f"has too many rows; use {MOST_ROWS}."]})
    # Spreadsheets leave empty lines behind, and lines of nothing but commas.
    cells = ((at, dict(zip(names, line, strict=False))) for at, line in lines[1:] if any(line))
    return [(at, {name: row.get(name, "") for name in COLUMNS}) for at, row in cells]


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader, begins = csv.reader(io.StringIO(text), delimiter=delimiter), 1
    for line in reader:
        yield begins, [_plain(cell) for cell in line]
        # A cell may hold several lines.
        begins = reader.line_num + 1


def _plain(cell: str) -> str:
    """Take off what a spreadsheet, or we, put in front of a cell so that it is no formula."""
    return cell.strip().removeprefix("'")


def _said(row: Mapping[str, str]) -> DispositionInput:
    try:
        status = DispositionStatus(row["status"].lower())
    except ValueError as error:
        known = ", ".join(DispositionStatus)
        raise InvalidInputError({"status": [f"status is one of {known}."]}) from error
    if len(row["reason"]) > _LONGEST_REASON:
        raise InvalidInputError({"reason": [f"reason has at most {_LONGEST_REASON} letters."]})
    return DispositionInput(status, row["reason"] or None, _moment(row["at"]))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        wrong = "at is a moment with its offset, like 2026-11-22T12:00:00Z, or nothing."
        raise InvalidInputError({"at": [wrong]}) from error
