"""Changes that are done anew when another one stood in their way."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from models.domain.errors import CollisionError
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

_Made = TypeVar("_Made")
_TRIES = 3


def changed(unit_of_work: UnitOfWorkFactory, change: Callable[[UnitOfWork], _Made]) -> _Made:
    """Do a change in one transaction, up to three times while others stand in its way.

    What a student takes back meets workers that write down how it was delivered. Where each waits
    for the other, the database ends one of them; that is no reason to send a student away.

    Args:
        unit_of_work: makes the transaction.
        change: touches nothing but what its unit of work rolls back.

    Raises:
        CollisionError: when it gave way every time.
    """
    for _ in range(_TRIES - 1):
        with suppress(CollisionError), unit_of_work() as work:
            return change(work)
    with unit_of_work() as work:
        return change(work)
