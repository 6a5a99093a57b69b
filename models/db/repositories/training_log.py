"""Reads what was served and what came of it, for training; streamed, never held as a whole."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from models.db.crypto import Keyring
from models.domain.slates import EventKind
from models.domain.training_log import LoggedEvent, LoggedPage

_AT_ONCE = 1000

# Without a first moment everything is read; with one, months before it are not looked into.
_PAGES = """
    SELECT p.slate_id, s.created_at, q.simulated, s.catalog_version, s.ranker_version, p.page,
      p.listings
    FROM slate_page p
    JOIN slate s ON s.id = p.slate_id AND s.created_at = p.created_at
    JOIN search q ON q.id = s.search_id AND q.created_at = s.created_at
    WHERE (CAST(:since AS timestamptz) IS NULL OR p.created_at >= :since)
      AND (NOT :real_only OR NOT q.simulated)
    ORDER BY p.slate_id, p.page
"""
# A request names the listings of each lead; an acceptance is one of all that a lead asked for.
# What belongs to a slate that is left out is left out; what belongs to none is told, and counted.
_EVENTS = """
    SELECT slate_id, kind, position, min(at) AS at FROM (
      SELECT slate_id, kind, position, created_at AS at FROM event
      WHERE CAST(:since AS timestamptz) IS NULL OR created_at >= :since
      UNION ALL
      SELECT r.slate_id, 'request', t.position, r.created_at
      FROM request r JOIN lead l ON l.request_id = r.id JOIN lead_listing t ON t.lead_id = l.id
      WHERE CAST(:since AS timestamptz) IS NULL OR r.created_at >= :since
      UNION ALL
      SELECT r.slate_id, 'accepted', t.position, d.received_at
      FROM request r JOIN lead l ON l.request_id = r.id JOIN lead_listing t ON t.lead_id = l.id
        JOIN disposition d
          ON d.lead_id = l.id AND d.verdict = 'applied' AND d.status = 'accepted'
      WHERE CAST(:since AS timestamptz) IS NULL OR r.created_at >= :since
    ) happened
    WHERE NOT EXISTS (
      SELECT FROM slate s JOIN search q ON q.id = s.search_id AND q.created_at = s.created_at
      WHERE s.id = happened.slate_id
        AND (s.created_at < CAST(:since AS timestamptz) OR (:real_only AND q.simulated)))
    GROUP BY slate_id, position, kind
    ORDER BY slate_id, position, kind
"""


class TrainingLogRepository:
    """Reads what was served and what came of it."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def pages(self, since: datetime | None, *, real_only: bool = False) -> Iterator[LoggedPage]:
        """Yield pages served since a moment, by slate and page."""
        for row in self._stream(text(_PAGES), {"since": since, "real_only": real_only}):
            values = row._asdict()
            yield LoggedPage(**{**values, "listings": tuple(values["listings"])})

    def events(self, since: datetime | None, *, real_only: bool = False) -> Iterator[LoggedEvent]:
        """Yield what happened to those pages: events, requests and acceptances, each first one."""
        values = {"since": since, "real_only": real_only}
        for slate_id, kind, position, at in self._stream(text(_EVENTS), values):
            yield LoggedEvent(slate_id, EventKind(kind), position, at)

    def _stream(self, query: TextClause, values: dict[str, Any]) -> Iterator[Any]:
        options = {"stream_results": True, "yield_per": _AT_ONCE}
        yield from self._connection.execute(query, values, execution_options=options)
