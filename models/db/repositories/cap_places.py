"""Places under caps after acceptance: used by a delivery, given back, taken again.

``used`` of a window always equals its held and used ledger rows (invariant 6). Windows are locked
in the order of (campaign, period, key), the same as reserving them does.

A lead whose place was given back may arrive all the same: a worker that slept brings its 2xx late.
It takes its place again; where none is left it stays released, which says that the school has the
lead over its cap and owes nothing for it. A cap bounds what is charged, always.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.errors import ConflictError

_MARK_USED = text("""
    WITH used AS (
      UPDATE cap_ledger SET state = 'used', settled_at = now()
      WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state = 'held')
    SELECT lead_id FROM cap_ledger
    WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state = 'released' ORDER BY lead_id
""")
# Locked as dispositions lock it: no refusal comes between the look and the place.
_LOCK_LEAD = text("SELECT id FROM lead WHERE id = :lead FOR UPDATE")
_REFUSED = text("""
    SELECT status IN ('rejected', 'duplicate', 'returned') FROM disposition
    WHERE lead_id = :lead AND verdict = 'applied' ORDER BY received_at DESC, id DESC LIMIT 1
""")
_LEAVE = text("""
    UPDATE cap_ledger SET state = 'released', settled_at = now()
    WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state IN ('held', 'used')
    RETURNING lead_id
""")
_LOCK = text("""
    SELECT w.used FROM cap_window w WHERE EXISTS (
      SELECT 1 FROM cap_ledger l, jsonb_array_elements(l.windows) p
      WHERE l.lead_id = ANY(CAST(:leads AS uuid[])) AND l.campaign_id = w.campaign_id
        AND p ->> 0 = w.period AND p ->> 1 = w.key)
    ORDER BY w.campaign_id, w.period COLLATE "C", w.key COLLATE "C" FOR UPDATE
""")
_SHIFT = """
    UPDATE cap_window w SET used = w.used {sign} p.taken
    FROM (SELECT l.campaign_id, q ->> 0 AS period, q ->> 1 AS key,
            sum(coalesce((q ->> 2)::integer, 1)) AS taken
          FROM cap_ledger l, jsonb_array_elements(l.windows) q
          WHERE l.lead_id = ANY(CAST(:leads AS uuid[])) GROUP BY 1, 2, 3) p
    WHERE w.campaign_id = p.campaign_id AND w.period = p.period AND w.key = p.key {only}
"""
_GIVE_BACK = text(_SHIFT.format(sign="-", only=""))
_TAKE = text(_SHIFT.format(sign="+", only="AND w.used + p.taken <= w.lim"))
_RETURN = text("""
    UPDATE cap_ledger SET state = 'held', settled_at = NULL
    WHERE lead_id = :lead AND state = 'released' RETURNING jsonb_array_length(windows)
""")


def mark_used(connection: Connection, leads: Sequence[UUID]) -> list[UUID]:
    """Note that leads arrived; those without a place (organic ones) are left out.

    Returns:
        Those that gave their place back before.
    """
    if not leads:
        return []
    return list(connection.execute(_MARK_USED, {"leads": list(leads)}).scalars())


def arrive(connection: Connection, leads: Sequence[UUID]) -> list[UUID]:
    """Note that leads arrived, also those that had given their place back.

    One that its school has refused since stays as it is.

    Returns:
        Those that found no place any more: over the cap, free of charge.
    """
    over = []
    for lead_id in mark_used(connection, leads):
        connection.execute(_LOCK_LEAD, {"lead": lead_id})
        if not connection.execute(_REFUSED, {"lead": lead_id}).scalar():
            try:
                with connection.begin_nested():
                    take_again(connection, lead_id)
            except ConflictError:
                over.append(lead_id)
            else:
                mark_used(connection, [lead_id])
    return over


def release(connection: Connection, leads: Sequence[UUID]) -> None:
    """Give places back, once however often it is asked for."""
    if not leads:
        return
    left = list(connection.execute(_LEAVE, {"leads": sorted(leads)}).scalars())
    if left:
        connection.execute(_LOCK, {"leads": left})
        connection.execute(_GIVE_BACK, {"leads": left})


def take_again(connection: Connection, lead_id: UUID) -> None:
    """Take the place of a lead again that gave it back.

    Raises:
        ConflictError: when the campaign is full meanwhile; roll back.
    """
    windows = connection.execute(_RETURN, {"lead": lead_id}).scalar()
    if windows is None:
        return
    connection.execute(_LOCK, {"leads": [lead_id]})
    if connection.execute(_TAKE, {"leads": [lead_id]}).rowcount != windows:
        raise ConflictError("the campaign has no place left for this lead; raise its cap first")
