"""What a school may still give back: its return window, and what is left of a month's quota."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.lead import DispositionStatus, Verdict
from models.domain.statement import may_return


@dataclass(frozen=True, slots=True)
class MonthReturns:
    """What a campaign charged and took back of the leads of one month.

    ``percent`` of ``charged`` may be returned; None: as many as it likes. ``month`` is on the
    campaign's clock; None where the lead's terms name none.
    """

    campaign_id: UUID
    campaign_name: str
    month: str | None
    percent: int | None
    charged: int
    returned: int

    @property
    def allowed(self) -> int | None:
        """How many may be returned in all; None: no limit."""
        return None if self.percent is None else may_return(self.charged, self.percent)

    @property
    def left(self) -> int | None:
        """How many more may be returned; None: no limit."""
        return None if self.allowed is None else max(self.allowed - self.returned, 0)


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """Under which terms a charged lead can be taken back; ``until`` None: for ever."""

    until: datetime | None
    month: MonthReturns

    def judge(self, said: DispositionStatus, now: datetime, more: int = 0) -> Verdict:
        """Foresee what a refusal would come to now.

        Args:
            said: rejected, duplicate or returned.
            now: the present moment.
            more: returns of the same campaign and month that come before it.
        """
        if self.until is not None and self.until < now:
            return Verdict.LATE
        left = self.month.left
        if said is DispositionStatus.RETURNED and left is not None and left <= more:
            return Verdict.OVER_QUOTA
        return Verdict.APPLIED


@dataclass(frozen=True, slots=True)
class ReturnMade:
    """Something that a school gave back, and whether its charge was taken back.

    ``credit`` is in minor units of its currency, negative; None where nothing was taken back.
    """

    lead_id: UUID
    unitid: int
    at: datetime
    reason: str | None
    verdict: Verdict
    credit: tuple[int, str] | None
