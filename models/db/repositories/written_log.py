"""Writes the log down as CSV, streamed from the server, row by row.

By ``COPY``: a tenth of what fetching rows costs. Slates are found by their ids, which begin with
the moment that they were drawn.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.log_form import LogWindow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = UUID(int=(1 << 128) - 1)

# A card is large: its one line is read once a ranker, not once a row.
_LISTINGS = """
    WITH known AS MATERIALIZED (SELECT id, card ->> 'features' AS features FROM ranker)
    SELECT s.id, s.created_at, '', q.simulated, s.catalog_version, s.ranker_version,
      coalesce(k.features, ''), s.explore_share, s.explored, s.draw_propensity, p.page, l.position,
      l.organic_position, coalesce(l.plain_position, l.organic_position), l.program_id,
      l.campaign_version_id, l.score, l.codes, l.propensity, l.request
    FROM slate s
    JOIN search q ON q.id = s.search_id AND q.created_at = s.created_at
    JOIN slate_page p ON p.slate_id = s.id AND p.created_at = s.created_at
    LEFT JOIN known k ON k.id = s.ranker_version
    CROSS JOIN LATERAL jsonb_to_recordset(p.listings) AS l(
      position int, organic_position int, plain_position int, program_id text,
      campaign_version_id uuid, score int, codes jsonb, propensity float8, request text)
    WHERE s.id BETWEEN %(first)s AND %(last)s
      AND s.created_at BETWEEN %(since)s AND %(until)s
      AND (NOT %(real_only)s OR NOT q.simulated)
    ORDER BY s.id, p.page, l.position
"""
# A request names the listings of each lead, and what became of the lead became of all of them.
_EVENTS = """
    WITH asked AS MATERIALIZED (
      SELECT r.slate_id, t.position, l.id AS lead_id, r.created_at
      FROM request r JOIN lead l ON l.request_id = r.id JOIN lead_listing t ON t.lead_id = l.id
      WHERE r.slate_id BETWEEN %(first)s AND %(last)s)
    SELECT slate_id, position, kind, min(at) FROM (
      SELECT slate_id, position, kind, created_at AS at FROM event
      WHERE slate_id BETWEEN %(first)s AND %(last)s
      UNION ALL
      SELECT slate_id, position, 'request', created_at FROM asked
      UNION ALL
      SELECT slate_id, position, 'delivered', d.settled_at
      FROM asked JOIN delivery d USING (lead_id)
      WHERE d.purpose = 'lead' AND d.status = 'delivered'
      UNION ALL
      SELECT slate_id, position, d.status, d.received_at
      FROM asked JOIN disposition d USING (lead_id) WHERE d.verdict = 'applied'
    ) happened
    WHERE NOT %(real_only)s OR NOT EXISTS (
      SELECT FROM slate s JOIN search q ON q.id = s.search_id AND q.created_at = s.created_at
      WHERE s.id = happened.slate_id AND q.simulated)
    GROUP BY slate_id, position, kind
    ORDER BY slate_id, position, kind
"""

_SERVED = text("SELECT id FROM slate WHERE id = ANY(:ids)")


class WrittenLogRepository:
    """Writes the log down as CSV."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stand_still(self) -> None:
        """See one moment of the log from here on; the first call of its unit of work."""
        for statement in (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            "SET LOCAL statement_timeout = 0",
        ):
            self._connection.execute(text(statement))

    def listings(self, window: LogWindow) -> Iterator[bytes]:
        """Yield what stood on pages, by slate and position."""
        return self._copy(_LISTINGS, window)

    def events(self, window: LogWindow) -> Iterator[bytes]:
        """Yield what happened to it, by slate, position and kind: each kind once, the first."""
        return self._copy(_EVENTS, window)

    def served(self, slate_ids: Sequence[UUID]) -> list[UUID]:
        """Tell which of some slates were served here."""
        found = self._connection.execute(_SERVED, {"ids": list(slate_ids)})
        return list(found.scalars())

    def _copy(self, query: str, window: LogWindow) -> Iterator[bytes]:
        # psycopg's own: COPY is not among what all drivers can do.
        cursor: Any = self._connection.connection.cursor()
        with cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", _values(window)) as copy:
            for row in copy:
                yield bytes(row)


def _values(window: LogWindow) -> dict[str, object]:
    first, last = UUID(int=0), _LAST
    if window.since is not None:
        first = UUID(int=_milliseconds(window.since) << 80)
    if window.until is not None:
        last = UUID(int=(_milliseconds(window.until) << 80) - 1)
    return {
        "first": first,
        "last": last,
        "since": window.since or _EPOCH,
        "until": window.until or datetime.max.replace(tzinfo=UTC),
        "real_only": window.real_only,
    }


def _milliseconds(moment: datetime) -> int:
    """The first whole millisecond that is not before a moment."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))
