"""What came of a school's leads and what they cost: counts, rates, and how they agree with money.

A lead counts by the newest thing that its school said of it, or its school's system answered where
nobody said anything. Each stage holds the later ones: who enrolled has applied, was contacted and
was accepted. Costs are sums of charges and of what took them back, so that they agree with the
statements to the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

# A share of fewer leads says nothing: the counts are told alone.
FEWEST = 20


class By(StrEnum):
    """What leads are counted by."""

    WEEK = "week"
    PROGRAM = "program"
    STATE = "state"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads of one group, and how far they came; ``paid`` are from campaigns, by their currency.

    ``cost`` is in minor units, by currency.
    """

    leads: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    returned: int = 0
    contacted: int = 0
    applied: int = 0
    enrolled: int = 0
    paid: Mapping[str, int] = field(default_factory=dict)
    paid_applied: Mapping[str, int] = field(default_factory=dict)
    paid_enrolled: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, int] = field(default_factory=dict)

    def per(self, of: Mapping[str, int]) -> dict[str, int]:
        """What one cost, by currency, to the nearest cent; nothing where there is none.

        Args:
            of: how many there were of each currency's leads: what another currency paid for is
                none of what this one's cost is divided by, nor is a free lead.
        """
        return {
            currency: int((Decimal(minor) / many).quantize(Decimal(1), ROUND_HALF_UP))
            for currency, minor in self.cost.items()
            if (many := of.get(currency, 0))
        }


# The counts of a group, and those of each of its currencies, in the order of a row.
COUNTED = (
    *("leads", "accepted", "duplicate", "rejected", "returned", "contacted", "applied"),
    "enrolled",
)
PAID = ("paid", "paid_applied", "paid_enrolled")


def added(one: Counts, other: Counts) -> Counts:
    """Add two groups up; what was paid for in two currencies stays apart."""
    counts: dict[str, Any] = {name: getattr(one, name) + getattr(other, name) for name in COUNTED}
    counts |= {name: _sums(getattr(one, name), getattr(other, name)) for name in (*PAID, "cost")}
    return Counts(**counts)


def _sums(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {each: one.get(each, 0) + other.get(each, 0) for each in dict.fromkeys((*one, *other))}


def share(part: int, whole: int) -> float | None:
    """A share that says something, in 0..1; None where there are too few."""
    return part / whole if whole >= FEWEST else None


@dataclass(frozen=True, slots=True)
class MonthShare:
    """How a report agrees with a statement: ``these`` + ``others`` + ``adjustments`` = its total.

    ``these`` are the lines of the report's leads; all in minor units.
    """

    month: str
    currency: str
    these: int
    others: int
    adjustments: int

    @property
    def total(self) -> int:
        """What the statement of the month says."""
        return self.these + self.others + self.adjustments


@dataclass(frozen=True, slots=True)
class LeadReport:
    """Everything together, and in groups by their keys; the campaign of a free lead is empty."""

    whole: Counts
    groups: Mapping[By, Mapping[str, Counts]]
    months: tuple[MonthShare, ...]
