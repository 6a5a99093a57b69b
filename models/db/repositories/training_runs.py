"""Keeps training runs."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from models.db.tables.training import training_run as run_table
from models.domain.errors import NotFoundError, TransitionError
from models.domain.training import OPEN, OpenRunError, RunState, Step, TrainingRun, Wishes

_OPEN = run_table.c.state.in_([state.value for state in OPEN])


class TrainingRunRepository:
    """Keeps training runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, run: TrainingRun) -> None:
        """Keep a new run that waits.

        Raises:
            OpenRunError: when one is open.
        """
        row = {**_row(run), "cancel_asked": False}
        asked = insert(run_table).values(row).on_conflict_do_nothing().returning(run_table.c.id)
        if self._connection.scalar(asked) is None:
            raise OpenRunError(self.open())

    def get(self, run_id: UUID) -> TrainingRun:
        """Return a run.

        Raises:
            NotFoundError: when there is none.
        """
        found = self._first(select(run_table).where(run_table.c.id == run_id))
        if found is None:
            raise NotFoundError("there is no such training run")
        return found

    def open(self) -> TrainingRun | None:
        """Return the run that waits or runs, None when none does."""
        return self._first(select(run_table).where(_OPEN))

    def listed(self, most: int) -> tuple[TrainingRun, ...]:
        """List runs, the newest first."""
        query = select(run_table).order_by(run_table.c.asked_at.desc()).limit(most)
        return tuple(_run(row) for row in self._connection.execute(query))

    def last_done(self) -> TrainingRun | None:
        """Return the newest run that a ranker came of."""
        done = run_table.c.state == RunState.DONE.value
        newest = run_table.c.asked_at.desc()
        return self._first(select(run_table).where(done).order_by(newest).limit(1))

    def save(self, before: TrainingRun, after: TrainingRun) -> None:
        """Write what became of a run; whether it shall be cancelled is not written.

        Raises:
            TransitionError: when it is in another state or attempt than ``before`` by now.
        """
        same = (
            (run_table.c.id == before.id)
            & (run_table.c.state == before.state.value)
            & (run_table.c.attempts == before.attempts)
        )
        saved = self._connection.execute(update(run_table).where(same).values(_row(after)))
        if saved.rowcount != 1:
            raise TransitionError("training run", before.state, after.state)

    def ask_to_cancel(self, run_id: UUID) -> None:
        """Let whoever trains know that the run shall end."""
        which = run_table.c.id == run_id
        self._connection.execute(update(run_table).where(which).values(cancel_asked=True))

    def _first(self, query: Select[Any]) -> TrainingRun | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _run(row)


def _row(run: TrainingRun) -> dict[str, Any]:
    values = asdict(run)
    del values["cancel_asked"]
    return {
        **values,
        "wishes": run.wishes.document(),
        "state": run.state.value,
        "step": run.step.value if run.step else None,
        "took": [[step.value, seconds] for step, seconds in run.took],
    }


def _run(row: Row[Any]) -> TrainingRun:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return TrainingRun(
        **{
            **values,
            "wishes": Wishes.read(values["wishes"]),
            "state": RunState(values["state"]),
            "step": Step(values["step"]) if values["step"] else None,
            "took": tuple((Step(step), seconds) for step, seconds in values["took"]),
        }
    )
