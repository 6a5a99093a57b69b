"""Who has contacted a student of late, read at every claim (models.domain.contact_budget)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.contact_budget import ContactBudget
from models.domain.delivery import ClaimedDelivery

# Two workers judge deliveries of one student one after the other: the lock holds until the
# attempts of the first are committed.
_ONE_AT_A_TIME = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(s.student, 7)) FROM (
      SELECT DISTINCT encode(r.email_index, 'hex') AS student
      FROM delivery d JOIN lead l ON l.id = d.lead_id JOIN request r ON r.id = l.request_id
      WHERE d.id = ANY(CAST(:ids AS uuid[])) ORDER BY 1) s
""")
_CONTACTED = text("""
    SELECT d.id, encode(r.email_index, 'hex') AS student, l.unitid, x.channel, x.schools, x.hours,
      o.contacted, extract(epoch FROM o.oldest + make_interval(hours => x.hours) - now()) AS left
    FROM delivery d
    JOIN lead l ON l.id = d.lead_id
    JOIN request r ON r.id = l.request_id
    JOIN unnest(CAST(:channels AS text[]), CAST(:schools AS integer[]), CAST(:hours AS integer[]))
      AS x (channel, schools, hours)
      ON EXISTS (SELECT 1 FROM consent c WHERE c.lead_id = l.id AND c.channel = x.channel)
    CROSS JOIN LATERAL (
      SELECT count(*) AS contacted, min(f.first_at) AS oldest FROM (
        SELECT min(a.started_at) AS first_at
        FROM request q
        JOIN lead k ON k.request_id = q.id AND k.unitid <> l.unitid
        JOIN consent c ON c.lead_id = k.id AND c.channel = x.channel
        JOIN delivery e ON e.lead_id = k.id AND e.purpose = 'lead'
        JOIN attempt a ON a.delivery_id = e.id
        WHERE q.email_index = r.email_index
          AND a.started_at > now() - make_interval(hours => x.hours)
        GROUP BY k.unitid) f) o
    WHERE d.id = ANY(CAST(:ids AS uuid[])) AND d.purpose = 'lead' AND d.attempts = 0
    ORDER BY d.id
""")


def contact_waits(
    connection: Connection, claims: Sequence[ClaimedDelivery], budget: ContactBudget
) -> dict[UUID, timedelta]:
    """Tell which claimed deliveries must wait, and how long, so that no student's budget breaks.

    Two statements for a whole group, and none without a budget. Of several leads of one student in
    the group, the oldest go first.
    """
    if not budget or not claims:
        return {}
    ids = [claim.id for claim in claims]
    connection.execute(_ONE_AT_A_TIME, {"ids": ids})
    limits = {
        "channels": [limit.channel.value for limit in budget],
        "schools": [limit.schools for limit in budget],
        "hours": [limit.hours for limit in budget],
    }
    waits: dict[UUID, timedelta] = {}
    going: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    by_delivery = defaultdict(list)
    for row in connection.execute(_CONTACTED, {"ids": ids, **limits}):
        by_delivery[row.id].append(row)
    for delivery_id, rows in by_delivery.items():
        groups = [(row, going[row.student, row.channel, row.hours]) for row in rows]
        over = [row for row, schools in groups if row.contacted + len(schools) >= row.schools]
        if over:
            # Where only this group is in the way, nothing is old enough to wait for.
            seconds = max(row.left if row.left is not None else row.hours * 3600 for row in over)
            waits[delivery_id] = timedelta(seconds=max(1.0, float(seconds)))
        else:
            for row, schools in groups:
                schools.add(row.unitid)
    return waits
