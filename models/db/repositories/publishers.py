"""Keeps publishers, and counts what came from their pages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select, text, update

from models.db.tables.organizations import publisher
from models.domain.errors import ConflictError, NotFoundError
from models.domain.ids import new_id
from models.domain.publisher import Publisher, Traffic

_TRAFFIC = text("""
WITH came AS (
  SELECT publisher_id, landing_page, creative, count(*) AS searches, 0 AS requests, 0 AS leads
  FROM search
  WHERE created_at >= :since AND created_at < :until AND NOT simulated
  GROUP BY 1, 2, 3
  UNION ALL
  SELECT r.publisher_id, r.landing_page, r.creative, 0, count(DISTINCT r.id), count(l.id)
  FROM request r LEFT JOIN lead l ON l.request_id = r.id
  WHERE r.created_at >= :since AND r.created_at < :until
  GROUP BY 1, 2, 3
)
SELECT publisher_id, landing_page, creative,
  sum(searches)::int AS searches, sum(requests)::int AS requests, sum(leads)::int AS leads
FROM came
GROUP BY 1, 2, 3
ORDER BY searches DESC, requests DESC, publisher_id NULLS FIRST, landing_page, creative
""")


class PublisherRepository:
    """Keeps publishers, and counts what came from their pages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, site: str, now: datetime) -> Publisher:
        """Add a publisher.

        Raises:
            ConflictError: when there is one of that site.
        """
        earlier = next((one for one in self.all() if set(one.origins) & {site}), None)
        if earlier is not None:
            raise ConflictError(f"{earlier.name} has the site {site} already")
        made = Publisher(new_id(now), name, site, active=True, created_at=now)
        row = {"id": made.id, "name": name, "site": site, "status": "active", "created_at": now}
        self._connection.execute(insert(publisher).values(row))
        return made

    def all(self) -> tuple[Publisher, ...]:
        """Every publisher, oldest first."""
        rows = self._connection.execute(select(publisher).order_by(publisher.c.id))
        return tuple(
            Publisher(row.id, row.name, row.site, row.status == "active", row.created_at)
            for row in rows
        )

    def set_active(self, publisher_id: UUID, *, active: bool) -> None:
        """Show our form on its pages, or not.

        Raises:
            NotFoundError: when there is no such publisher.
        """
        status = "active" if active else "paused"
        change = update(publisher).where(publisher.c.id == publisher_id).values(status=status)
        if not self._connection.execute(change).rowcount:
            raise NotFoundError("there is no such publisher")

    def traffic(self, since: datetime, until: datetime) -> Sequence[Traffic]:
        """Count searches, requests and leads by page and form, most searches first."""
        rows = self._connection.execute(_TRAFFIC, {"since": since, "until": until})
        return [Traffic(*row) for row in rows]
