"""Statements: what an organization owes for a month, line by line.

A charge is written in the transaction that moves a lead's place under its caps: one line when the
lead arrives, one that takes it back when its place is given back. So for every lead the lines add
up to its price when it holds a used place, and to nothing when it does not.

A line stands in the month in which the student asked, on the campaign's clock, as the month's cap
and budget count it. Months stay open for some days after their end, until everything asked for in
them has arrived or failed; what comes later stands in the oldest month that is open then, so an
issued statement never changes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.domain.errors import InvalidInputError

# Longer than a delivery is tried, and than any clock is behind UTC.
OPEN_FOR = timedelta(days=6)
_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


class ChargeKind(StrEnum):
    """What a line of a statement is."""

    LEAD = "lead"
    RETURN = "return"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line; ``amount_minor`` is negative when it is in the organization's favour.

    An adjustment is about no lead; its ``note`` says why it was made. ``asked_at`` is when the
    student asked, ``at`` when the line was written.
    """

    kind: ChargeKind
    at: datetime
    amount_minor: int
    lead_id: UUID | None = None
    asked_at: datetime | None = None
    campaign_name: str | None = None
    school_name: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What an organization owes for a month, in one currency; open until it is issued."""

    organization_id: UUID
    organization_name: str
    month: str
    currency: str
    lines: tuple[StatementLine, ...]
    issued_at: datetime | None

    @property
    def total_minor(self) -> int:
        """What is owed, in minor units."""
        return sum(line.amount_minor for line in self.lines)

    def subtotals(self) -> Mapping[ChargeKind, tuple[int, int]]:
        """Count and add up the lines of each kind."""
        return {kind: _sum(line for line in self.lines if line.kind is kind) for kind in ChargeKind}


@dataclass(frozen=True, slots=True)
class MonthOwed:
    """A month of an organization in a list: what it owes in one currency."""

    month: str
    currency: str
    total_minor: int
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A lead whose lines do not add up to what its place under its caps says is owed."""

    lead_id: UUID
    charged_minor: int
    owed_minor: int


def oldest_open_month(now: datetime) -> str:
    """Name the oldest month that still takes lines, such as ``2026-11``."""
    return f"{now - OPEN_FOR:%Y-%m}"


def may_return(charged: int, percent: int) -> int:
    """Tell how many of a month's leads may be returned in all: the share, rounded up."""
    return -(-charged * percent // 100)


def check_month(text: str) -> str:
    """Read a month.

    Raises:
        InvalidInputError: when it is none.
    """
    if not _MONTH.fullmatch(text):
        raise InvalidInputError({"month": [f"“{text[:20]}” is not a month; write 2026-11."]})
    return text


def _sum(lines: Iterable[StatementLine]) -> tuple[int, int]:
    amounts = [line.amount_minor for line in lines]
    return len(amounts), sum(amounts)
