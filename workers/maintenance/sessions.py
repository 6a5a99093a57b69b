"""Ends sessions whose time is over, with what was typed into them."""

from models.domain.clock import Clock
from models.domain.ports.unit_of_work import UnitOfWorkFactory


def sweep_sessions(unit_of_work: UnitOfWorkFactory, clock: Clock) -> int:
    """End every visitor's session that has expired, and tell how many.

    A visitor who keeps something sweeps too; this sees to it on days when nobody does.
    """
    with unit_of_work() as work:
        return work.sessions.delete_expired(clock.now())
