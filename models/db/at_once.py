"""Acceptance in one statement, outside any transaction but its own."""

from typing import Any

import psycopg
import structlog
from psycopg import Connection
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.db.repositories.acceptance import Acceptance, Statement
from models.domain.request import AcceptedLead, AcceptedRequest, NewRequest

_log = structlog.get_logger(__name__)
_MOST_TEXTS = 10_000


class PostgresAtOnce:
    """Keeps submissions for which nothing must be weighed before.

    That is one for which nobody pays, whose schools are open, share each lead between all their
    destinations and know no duplicates: a single statement looks whether it is so, and inserts
    everything or nothing. A statement is a transaction by itself, so that neither BEGIN nor COMMIT
    is sent, and it goes to the driver as it is written: with the trips and SQLAlchemy's part, an
    acceptance took half as long again.

    Where anything is amiss, nothing is said of it here: the long way says how it is, and finds what
    was kept if an answer was lost, by the submission's key.
    """

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        # Texts that were seen in the database, which never loses one.
        self._texts: set[str] = set()
        self._beyond = False  # whether the database does not know what the statement asks of it

    def __call__(self, new: NewRequest) -> AcceptedRequest | None:
        """Keep a submission.

        Returns:
            None when something must be weighed, its key was used meanwhile, or anything failed.

        Raises:
            TimeoutError: when no connection becomes free (SQLAlchemy's).
        """
        if self._beyond or not new.free:
            return None
        texts = {agreed.text.text_id for each in new.leads for agreed in each.consents}
        try:
            kept = self._run(Acceptance(self._keyring, new).at_once(self._texts))
        except psycopg.Error as error:
            # Were it a text that is there no more, the long way adds it again.
            _log.warning("not_at_once", error=type(error).__name__)
            # As uuidv7() is to PostgreSQL before 18: it would fail the same way each time.
            self._beyond = isinstance(error, psycopg.ProgrammingError)
            return None
        if not kept:
            return None
        if not texts <= self._texts:
            self._texts = texts if len(self._texts) > _MOST_TEXTS else self._texts | texts
        leads = tuple(AcceptedLead(each.id, each.unitid) for each in new.leads)
        return AcceptedRequest(new.id, new.created_at, new.body_hash, leads, new.not_taken)

    def _run(self, statement: Statement) -> bool:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        try:
            inserted = _alone(driver, statement)
        except BaseException:
            # Whatever state it is in, nobody else should get it.
            pooled.invalidate()
            raise
        pooled.close()
        return inserted


def _alone(connection: Connection, statement: Statement) -> bool:
    connection.autocommit = True
    row = connection.execute(*statement).fetchone()
    connection.autocommit = False
    return bool(row and row[0])
