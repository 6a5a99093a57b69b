"""Reads what came of what the champion served, and keeps what was found."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from models.db.tables.training import ranker_watch, traffic_day
from models.domain.watch import RankerWatch, Seen, ServedListing, TrafficDay, WatchFigure

# A listing was seen when it has an impression or, where its slate tells none, was served. Requests
# of real students are in ``request``; of simulated ones in ``event``.
_LISTINGS = """
  happened AS (
    SELECT slate_id, position, kind FROM event WHERE created_at >= :since
    UNION
    SELECT r.slate_id, t.position, 'request'
    FROM request r JOIN lead l ON l.request_id = r.id JOIN lead_listing t ON t.lead_id = l.id
    WHERE r.created_at >= :since),
  of_slate AS (
    SELECT slate_id, bool_or(kind = 'impression') AS told FROM happened GROUP BY slate_id),
  at_place AS (
    SELECT slate_id, position, bool_or(kind = 'impression') AS impression,
      bool_or(kind IN ('click', 'request')) AS clicked, bool_or(kind = 'request') AS requested
    FROM happened GROUP BY slate_id, position),
  listing AS (
    SELECT drawn.*, l.value AS kept, coalesce(o.told, false) AS told,
      coalesce(a.clicked, false) AS clicked, coalesce(a.requested, false) AS requested,
      l.value->>'campaign_version_id' IS NOT NULL AS paid
    FROM drawn
    JOIN slate_page p ON p.slate_id = drawn.id AND p.created_at >= :since
    CROSS JOIN LATERAL jsonb_array_elements(p.listings) l
    LEFT JOIN of_slate o ON o.slate_id = drawn.id
    LEFT JOIN at_place a ON a.slate_id = drawn.id
      AND a.position = CAST(l.value->>'position' AS integer)
    WHERE coalesce(a.impression, false) OR a.clicked OR NOT coalesce(o.told, false))
"""
_SERVED = text(f"""
  WITH drawn AS MATERIALIZED (
    SELECT id, row_number() OVER () AS search FROM slate
    WHERE ranker_version = :version AND created_at >= :since
    ORDER BY extract(epoch FROM created_at) * :sign LIMIT :most), {_LISTINGS}
  SELECT search, kept->'codes' AS codes,
    (CAST(kept->>'position' AS integer) - 1) % 20 AS place, told, requested,
    requested OR kept->>'request' = 'here' AS could_ask
  FROM listing WHERE NOT paid
""")  # noqa: S608 - of constants
_STEERING = text("""
  SELECT count(*), coalesce(avg(steering_index), 0) FROM slate
  WHERE ranker_version = :version AND created_at >= :since
""")
_DAY = text(f"""
  WITH drawn AS MATERIALIZED (
    SELECT s.id, q.simulated, s.steering_index FROM slate s
    JOIN search q ON q.id = s.search_id AND q.created_at = s.created_at
    WHERE s.created_at >= :since AND s.created_at < :until), {_LISTINGS},
  by_kind AS (
    SELECT simulated, CASE WHEN paid THEN 'sponsored' ELSE 'organic' END AS kind,
      jsonb_build_object('seen', count(*), 'clicks', count(*) FILTER (WHERE clicked),
        'requests', count(*) FILTER (WHERE requested)) AS counts
    FROM listing GROUP BY 1, 2)
  INSERT INTO traffic_day (day, simulated, counted_at, searches, steering_mean, steering_most,
    counts)
  SELECT :day, d.simulated, :now, count(*), avg(d.steering_index), max(d.steering_index),
    coalesce((SELECT jsonb_object_agg(k.kind, k.counts) FROM by_kind k
      WHERE k.simulated = d.simulated), '{{}}')
  FROM drawn d GROUP BY d.simulated
  ON CONFLICT (day, simulated) DO UPDATE SET counted_at = excluded.counted_at,
    searches = excluded.searches, steering_mean = excluded.steering_mean,
    steering_most = excluded.steering_most, counts = excluded.counts
""")  # noqa: S608 - of constants


class RankerWatchRepository:
    """Reads what came of what the champion served, and keeps what was found."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def served(
        self, version: str, since: datetime, most: int, *, newest: bool
    ) -> Iterator[ServedListing]:
        """Yield listings on screens of slates that a ranker drew since a moment."""
        values = {"version": version, "since": since, "most": most, "sign": -1 if newest else 1}
        for row in self._connection.execute(_SERVED, values):
            yield ServedListing(*row)

    def steering(self, version: str, since: datetime) -> tuple[int, float]:
        """Count the slates that a ranker drew since a moment; give their mean steering index."""
        values = {"version": version, "since": since}
        count, mean = self._connection.execute(_STEERING, values).one()
        return int(count), float(mean)

    def keep(self, watch: RankerWatch) -> None:
        """Keep what was found, in the place of what was found before."""
        row = {**asdict(watch), "figures": watch.document()}
        changed = {name: value for name, value in row.items() if name != "version"}
        self._connection.execute(
            insert(ranker_watch)
            .values(row)
            .on_conflict_do_update(index_elements=["version"], set_=changed)
        )

    def latest(self, version: str) -> RankerWatch | None:
        """Return what was found of a ranker last; None when nobody has looked."""
        query = select(ranker_watch).where(ranker_watch.c.version == version)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        figures = tuple(WatchFigure(**each) for each in row.figures)
        return RankerWatch(row.version, row.at, row.since, row.searches, figures)

    def count_day(self, day: date, now: datetime) -> None:
        """Count a day's traffic, in the place of what was counted before."""
        since = datetime.combine(day, time(), UTC)
        values = {"day": day, "since": since, "until": since + timedelta(days=1), "now": now}
        self._connection.execute(_DAY, values)

    def days(self, since: date) -> tuple[TrafficDay, ...]:
        """List the days counted, the oldest first."""
        query = (
            select(traffic_day)
            .where(traffic_day.c.day >= since)
            .order_by(traffic_day.c.day, traffic_day.c.simulated)
        )
        return tuple(
            TrafficDay(
                row.day,
                row.simulated,
                row.searches,
                row.steering_mean,
                row.steering_most,
                Seen(**row.counts.get("organic", {})),
                Seen(**row.counts.get("sponsored", {})),
            )
            for row in self._connection.execute(query)
        )
