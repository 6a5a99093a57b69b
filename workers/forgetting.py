"""Wires what is forgotten by age: persons, and searches by whole months."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Engine

from config.settings import Settings
from models.db.partitions import drop_partitions
from models.domain.clock import SystemClock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from workers.maintenance.retention import forget_people, forget_searches


def forgetting(
    settings: Settings, engine: Engine, unit_of_work: UnitOfWorkFactory
) -> Callable[[], None]:
    """Make the task that forgets whose time is over by the settings."""

    def drop(before: date) -> list[str]:
        with engine.begin() as connection:
            return drop_partitions(connection, before)

    def forget() -> None:
        clock = SystemClock()
        forget_people(unit_of_work, clock, timedelta(days=settings.retention_days))
        forget_searches(drop, clock, timedelta(days=settings.search_days))

    return forget
