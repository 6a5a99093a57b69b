"""Statements: each month's are issued once it is over; charges are held against places."""

import structlog

from models.domain.clock import Clock
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWorkFactory

_log = structlog.get_logger(__name__)


def issue_statements(unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
    """Issue what is due; say loudly when a lead is not charged as its place says."""
    with unit_of_work() as work:
        issued = work.statements.issue(clock.now())
    if issued:
        _log.info("statements_issued", count=issued)
    with unit_of_work() as work:
        wrong = work.statements.discrepancies()
    for each in wrong:
        _log.error(
            "charge_discrepancy",
            lead=show(Prefix.LEAD, each.lead_id),
            charged_minor=each.charged_minor,
            owed_minor=each.owed_minor,
        )
