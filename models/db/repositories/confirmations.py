"""Leads that wait until their student has confirmed the e-mail address.

Their deliveries are in the ledger like all others, due when the time to confirm is over: at that
moment they expire, which gives their places back. Who confirms makes them due at once.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.delivery import DELIVERY_LIFETIME
from models.domain.message import Template
from models.domain.verification import Confirmation, ConfirmationState

_HOLD = text("""
    UPDATE delivery d SET due_at = l.confirm_by, expires_at = l.confirm_by
    FROM lead l
    WHERE l.id = d.lead_id AND l.request_id = :request AND l.confirm_by IS NOT NULL
      AND d.purpose = 'lead' AND d.status = 'pending'
""")
# What is on its way to a school, or was taken back, waits for nobody.
_HOLD_AGAIN = text("""
    WITH waiting AS (
      UPDATE lead l SET confirm_by = :until
      WHERE l.request_id = :request AND l.confirm_by IS NOT NULL
        AND EXISTS (
          SELECT 1 FROM delivery d WHERE d.lead_id = l.id AND d.purpose = 'lead'
            AND d.status = 'pending' AND d.expires_at > now())
        AND NOT EXISTS (
          SELECT 1 FROM delivery w WHERE w.lead_id = l.id
            AND w.purpose IN ('withdrawal', 'deletion'))
      RETURNING l.id)
    UPDATE delivery d SET due_at = :until, expires_at = :until
    FROM waiting w WHERE w.id = d.lead_id AND d.purpose = 'lead' AND d.status = 'pending'
    RETURNING d.id
""")
_UNMAIL = text("""
    UPDATE message SET status = 'cancelled', settled_at = now()
    WHERE request_id = :request AND template = :template AND status = 'pending'
""")
# Whoever waits has the latest time to confirm: a school that got the lead before the address was
# corrected keeps an earlier one, and one it was taken back from waits for nothing.
_READ = text("""
    WITH asked AS (
      SELECT unitid, confirm_by, confirm_by < max(confirm_by) OVER () OR EXISTS (
        SELECT 1 FROM delivery w WHERE w.lead_id = lead.id
          AND w.purpose IN ('withdrawal', 'deletion')) AS past
      FROM lead WHERE request_id = :request AND confirm_by IS NOT NULL)
    SELECT r.email_confirmed_at, max(l.confirm_by) AS until, max(l.confirm_by) > now() AS open,
      array_agg(DISTINCT x -> 'school' ->> 'name') FILTER (WHERE NOT l.past) AS names,
      r.email_index,
      (SELECT count(*) FROM message m WHERE m.request_id = r.id AND m.template = :template) AS mails
    FROM request r CROSS JOIN asked l
    JOIN jsonb_array_elements(r.slate -> 'listings') x
      ON (x -> 'school' ->> 'unitid')::integer = l.unitid
    WHERE r.id = :request GROUP BY r.id
""")
_LOCK = text("SELECT id FROM request WHERE id = :request FOR NO KEY UPDATE")
_CONFIRM = text("""
    UPDATE request SET email_confirmed_at = :now
    WHERE id = :request AND email_confirmed_at IS NULL
""")
_LET_GO = text("""
    UPDATE delivery d SET due_at = now(), expires_at = now() + CAST(:lifetime AS interval)
    FROM lead l
    WHERE l.id = d.lead_id AND l.request_id = :request AND l.confirm_by IS NOT NULL
      AND d.purpose = 'lead' AND d.status = 'pending'
    RETURNING d.id
""")


def hold(connection: Connection, request_id: UUID) -> None:
    """Let deliveries of a request's leads wait that must be confirmed; inside acceptance."""
    connection.execute(_HOLD, {"request": request_id})


def hold_again(connection: Connection, request_id: UUID, until: datetime) -> bool:
    """Let deliveries wait whose leads need an address confirmed that has just changed."""
    values = {"request": request_id, "until": until, "template": Template.CONFIRM_EMAIL.value}
    waits = connection.execute(_HOLD_AGAIN, values).first() is not None
    if waits:
        connection.execute(_UNMAIL, values)
    return waits


def read_confirmation(connection: Connection, request_id: UUID) -> Confirmation:
    """Tell where a request's confirmation stands."""
    values = {"request": request_id, "template": Template.CONFIRM_EMAIL.value}
    row = connection.execute(_READ, values).one_or_none()
    if row is None:
        return Confirmation(request_id, ConfirmationState.NOT_ASKED, None, ())
    if row.email_confirmed_at is not None:
        state = ConfirmationState.CONFIRMED
    else:
        state = ConfirmationState.OPEN if row.open else ConfirmationState.TOO_LATE
    address, names = bytes(row.email_index), tuple(sorted(row.names or ()))
    return Confirmation(request_id, state, row.until, names, address, row.mails)


def confirm(
    connection: Connection, request_id: UUID, address: bytes, now: datetime
) -> Confirmation:
    """Note that the address is the student's, and let go what waited; once, however often asked."""
    connection.execute(_LOCK, {"request": request_id})
    found = read_confirmation(connection, request_id)
    if found.state is not ConfirmationState.OPEN or found.address != address:
        return found
    connection.execute(_CONFIRM, {"request": request_id, "now": now})
    connection.execute(_LET_GO, {"request": request_id, "lifetime": DELIVERY_LIFETIME})
    return read_confirmation(connection, request_id)
