"""Batches: deliveries that leave together, as one file of frozen members, name and bytes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.repositories.delivery_sql import LEASED
from models.domain.delivery import QUARANTINED_AFTER
from models.domain.ids import Prefix, show
from models.domain.sending import Batch, BatchWindow

# Of advisory locks: claiming batches, and numbering those of one destination.
_CLAIMING, _NUMBERING = 815, 816

_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock({_CLAIMING}, 0)")
_LOCK = text(f"SELECT pg_advisory_xact_lock({_NUMBERING}, hashtext(CAST(:destination AS text)))")

# A batch with a member that has come to an end cannot be sent again as it was.
_CLOSE_ENDED = text("""
    UPDATE batch b SET closed_at = now()
    WHERE b.closed_at IS NULL AND EXISTS (
      SELECT 1 FROM jsonb_array_elements_text(b.members) AS m (id)
      JOIN delivery d ON d.id = CAST(m.id AS uuid)
      WHERE d.status NOT IN ('pending', 'leased'))
""")

# Seconds that a change of a lead waits for others: its school must hear of it within a minute, so
# it does not wait for the window, and takes the leads that do along.
_CHANGES_WAIT = 5

# First what was frozen and waits to be sent again, whole; then what waits and has no batch, once
# its window has passed or it fills a batch. One batch at a time.
_CLAIM = text(f"""
    WITH place AS MATERIALIZED (
      SELECT s.id, k.seconds, k.most FROM destination s
      JOIN unnest(CAST(:kinds AS text[]), CAST(:seconds AS float8[]), CAST(:most AS int[]))
           AS k (kind, seconds, most) ON k.kind = s.kind
      LEFT JOIN destination_state st ON st.destination_id = s.id
      WHERE s.status = 'active' AND (st.next_allowed_at IS NULL OR st.next_allowed_at <= now())),
    again AS MATERIALIZED (
      SELECT b.members FROM batch b JOIN place p ON p.id = b.destination_id
      WHERE b.closed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(b.members) AS m (id)
        JOIN delivery d ON d.id = CAST(m.id AS uuid)
        WHERE d.status <> 'pending' OR d.due_at > now() OR d.expires_at <= now()
           OR d.claims - d.attempts >= :alone)
      ORDER BY b.id LIMIT 1),
    free AS MATERIALIZED (
      SELECT p.id AS destination_id, p.seconds, p.most, d.id, d.due_at, d.purpose
      FROM place p CROSS JOIN LATERAL (
        SELECT d.id, d.due_at, d.purpose FROM delivery d
        WHERE d.destination_id = p.id AND d.status = 'pending' AND d.due_at <= now()
          AND d.expires_at > now() AND d.claims - d.attempts < :alone AND d.lead_id IS NOT NULL
          AND NOT d.by_mail
          AND NOT EXISTS (
            SELECT 1 FROM batch b WHERE b.destination_id = p.id AND b.closed_at IS NULL
              AND jsonb_exists(b.members, CAST(d.id AS text)))
        ORDER BY d.due_at, d.id LIMIT p.most) d
      WHERE NOT EXISTS (SELECT 1 FROM again)),
    full_place AS (
      SELECT destination_id FROM free GROUP BY destination_id
      HAVING count(*) >= min(most)
          OR min(due_at) <= now() - make_interval(secs => min(seconds))
          OR min(due_at) FILTER (WHERE purpose <> 'lead')
             <= now() - make_interval(secs => {_CHANGES_WAIT})
      ORDER BY min(due_at), destination_id LIMIT 1),
    c AS (
      SELECT d.id FROM delivery d
      WHERE d.status = 'pending' AND d.id IN (
        SELECT CAST(m.id AS uuid) FROM again, jsonb_array_elements_text(again.members) AS m (id)
        UNION ALL
        SELECT free.id FROM free JOIN full_place USING (destination_id))
      ORDER BY d.id FOR NO KEY UPDATE SKIP LOCKED),
    {LEASED}
""")  # noqa: S608 - built from this project's own words only

_OPEN = text("""
    SELECT b.id, b.name, b.members, b.body_hash FROM batch b
    WHERE b.destination_id = :destination AND b.closed_at IS NULL
      AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(b.members) AS m (id)
                  WHERE m.id = ANY(CAST(:ids AS text[])))
""")
_CLOSE = text("UPDATE batch SET closed_at = now() WHERE id = ANY(CAST(:ids AS uuid[]))")
_FREEZE = text("""
    INSERT INTO batch (id, destination_id, name, members, body_hash, created_at)
    SELECT CAST(:id AS uuid), CAST(:destination AS uuid),
           :stem || lpad(CAST(count(*) + 1 AS text), 8, '0'),
           to_jsonb(CAST(:members AS text[])), CAST(:hash AS bytea), now()
    FROM batch WHERE destination_id = CAST(:destination AS uuid)
    RETURNING id, name
""")


def claim(
    connection: Connection, windows: Mapping[str, BatchWindow], lease: timedelta
) -> Sequence[Row[Any]]:
    """Lease the members of one batch that is due; one worker at a time looks for one."""
    if not windows or not connection.execute(_TRY_LOCK).scalar_one():
        return ()
    connection.execute(_CLOSE_ENDED)
    values = {
        "kinds": list(windows),
        "seconds": [window.seconds for window in windows.values()],
        "most": [window.most for window in windows.values()],
        "lease": lease,
        "alone": QUARANTINED_AFTER,
    }
    return connection.execute(_CLAIM, values).all()


def freeze(
    connection: Connection,
    batch_id: UUID,
    destination_id: UUID,
    members: Collection[UUID],
    body_hash: bytes,
) -> Batch:
    """Return the batch of exactly these members and bytes; make it when there is none.

    What else was frozen with one of them will not be sent again as it was.
    """
    connection.execute(_LOCK, {"destination": destination_id})
    wanted = sorted(map(str, members))
    values: dict[str, Any] = {"destination": destination_id, "ids": wanted}
    others = []
    for row in connection.execute(_OPEN, values):
        if sorted(row.members) == wanted and row.body_hash == body_hash:
            return Batch(row.id, row.name)
        others.append(row.id)
    if others:
        connection.execute(_CLOSE, {"ids": others})
    stem = f"{show(Prefix.DESTINATION, destination_id)}-"
    values = {
        "id": batch_id,
        "destination": destination_id,
        "stem": stem,
        "members": wanted,
        "hash": body_hash,
    }
    made = connection.execute(_FREEZE, values).one()
    return Batch(made.id, made.name)
