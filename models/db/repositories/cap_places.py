"""Places under caps after acceptance: used by a delivery, given back, taken again.

``used`` of a window always equals its held and used ledger rows (invariant 6). Windows are locked
in the order of (campaign, period, key), the same as reserving them does.

A lead whose place was given back may arrive all the same: a worker that slept brings its 2xx late.
It takes its place again; where none is left it stays released, which says that the school has the
lead over its cap and owes nothing for it. A cap bounds what is charged, always.

A place that becomes used writes its charge, and one that was used and is given back writes the
charge that takes it back, in the same statement: what is owed follows the places to the cent.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.errors import ConflictError
from models.domain.statement import OPEN_FOR, ChargeKind

# A line stands in the month that the lead counts in, or in the oldest that is still open. By the
# clock and not by the transaction's start: none is written into a month that is being issued.
_CHARGE = """
    INSERT INTO charge
      (organization_id, lead_id, campaign_id, kind, amount_minor, currency, month, at)
    SELECT l.organization_id, l.id, m.campaign_id, {kind}, {sign} l.price_minor, l.currency,
      greatest(coalesce(l.terms ->> 'month', to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM')),
               to_char((clock_timestamp() - CAST(:open AS interval)) AT TIME ZONE 'UTC',
                       'YYYY-MM')),
      now()
    FROM moved m JOIN lead l ON l.id = m.lead_id
    WHERE l.price_minor IS NOT NULL {only}
"""
_MARK_USED = text(f"""
    WITH moved AS (
      UPDATE cap_ledger SET state = 'used', settled_at = now()
      WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state = 'held'
      RETURNING lead_id, campaign_id),
    charged AS ({_CHARGE.format(kind="'lead'", sign="", only="")})
    SELECT lead_id FROM cap_ledger
    WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state = 'released' ORDER BY lead_id
""")  # noqa: S608 - built from this file's own words only
# Locked as dispositions lock it: no refusal comes between the look and the place.
_LOCK_LEAD = text("SELECT id FROM lead WHERE id = :lead FOR NO KEY UPDATE")
_REFUSED = text("""
    SELECT status IN ('rejected', 'duplicate', 'returned') FROM disposition
    WHERE lead_id = :lead AND verdict = 'applied' ORDER BY number DESC NULLS LAST LIMIT 1
""")
_LEAVE = text(f"""
    WITH before AS (
      SELECT lead_id, state FROM cap_ledger
      WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state IN ('held', 'used') FOR NO KEY UPDATE),
    moved AS (
      UPDATE cap_ledger g SET state = 'released', settled_at = now()
      FROM before b WHERE b.lead_id = g.lead_id
      RETURNING g.lead_id, g.campaign_id, b.state AS was),
    charged AS ({_CHARGE.format(kind=":kind", sign="-", only="AND m.was = 'used'")})
    SELECT lead_id FROM moved
""")  # noqa: S608 - built from this file's own words only
_LOCK = text("""
    SELECT w.used FROM cap_window w WHERE EXISTS (
      SELECT 1 FROM cap_ledger l, jsonb_array_elements(l.windows) p
      WHERE l.lead_id = ANY(CAST(:leads AS uuid[])) AND l.campaign_id = w.campaign_id
        AND p ->> 0 = w.period AND p ->> 1 = w.key)
    ORDER BY w.campaign_id, w.period COLLATE "C", w.key COLLATE "C" FOR NO KEY UPDATE
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
    values = {"leads": list(leads), "open": OPEN_FOR}
    return list(connection.execute(_MARK_USED, values).scalars())


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


def release(
    connection: Connection, leads: Sequence[UUID], kind: ChargeKind = ChargeKind.CREDIT
) -> None:
    """Give places back, once however often it is asked for; what was charged is taken back."""
    if not leads:
        return
    values = {"leads": sorted(leads), "open": OPEN_FOR, "kind": kind.value}
    left = list(connection.execute(_LEAVE, values).scalars())
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
