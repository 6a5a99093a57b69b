"""Switching a destination on and off: the same checks, whoever does it."""

from models.domain.destination import Destination, DestinationStatus
from models.domain.errors import ConflictError
from models.domain.ports.unit_of_work import UnitOfWork
from models.exchange.kinds import KINDS
from service.said import say


def move(work: UnitOfWork, found: Destination, status: DestinationStatus) -> None:
    """Move a destination; it is switched on only with settings that a test has tried.

    Raises:
        ConflictError: when no test has reached it since its settings changed.
        InvalidInputError: when nobody there could be told that a lead was taken back.
        TransitionError: when it cannot go there from where it is.
    """
    if status is DestinationStatus.ACTIVE:
        KINDS[found.kind].check_reach(found.settings)
        if found.tested_at is None:
            raise ConflictError(say("destination_untested"))
    work.destinations.set_status(found.id, status)
