"""How schools take leads: read at acceptance, followed when a destination does not accept."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.repositories.delivery_making import make_delivery
from models.db.repositories.delivery_sql import NOW
from models.domain.delivery import DELIVERY_LIFETIME, DeliveryStatus, Purpose
from models.domain.intake import DuplicateRule, DuplicateScope, Intake, Match, read_intake
from models.domain.request import NewLead

# After these another destination is asked; a duplicate or a cancelled lead is asked nowhere else.
_NOT_ACCEPTED = tuple(
    status.value
    for status in (
        DeliveryStatus.REJECTED,
        DeliveryStatus.FAILED,
        DeliveryStatus.EXPIRED,
        DeliveryStatus.POISON,
    )
)
_INTAKES = text("""
    SELECT unitid, intake FROM organization_school
    WHERE unitid = ANY(CAST(:unitids AS integer[])) AND intake IS NOT NULL
""")
_SET = text("""
    UPDATE organization_school SET intake = CAST(:intake AS jsonb) WHERE unitid = :unitid
""")
# Two requests of one student are judged one after the other.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(encode(:key, 'hex'), 6))")
# A lead that reached nobody is none that the school has.
_KNOWN = """
    SELECT 1 FROM request r JOIN lead l ON l.request_id = r.id
    WHERE ({same}) AND {whose} AND r.created_at > :since
      AND EXISTS (SELECT 1 FROM delivery d WHERE d.lead_id = l.id AND d.purpose = 'lead'
        AND d.status NOT IN ('failed', 'expired', 'poison', 'cancelled'))
    LIMIT 1
"""
_SAME = {"email": "r.email_index = :email", "phone": "r.phone_index = :phone"}
_WHOSE = {
    DuplicateScope.SCHOOL: "l.unitid = :unitid",
    DuplicateScope.ORGANIZATION: "l.organization_id = :organization",
}
# What was in doubt when its time was over may have arrived: nobody else is asked. A lead
# that nobody confirmed goes nowhere.
_NEXT = text("""
    SELECT l.id, l.route FROM lead l
    WHERE l.route IS NOT NULL AND jsonb_array_length(l.route) > 0
      AND (l.confirm_by IS NULL OR EXISTS (
        SELECT 1 FROM request r WHERE r.id = l.request_id AND r.email_confirmed_at IS NOT NULL))
      AND EXISTS (
      SELECT 1 FROM delivery d WHERE d.id = ANY(CAST(:ids AS uuid[])) AND d.lead_id = l.id
        AND d.purpose = 'lead' AND d.status = ANY(:not_accepted))
      AND NOT EXISTS (
        SELECT 1 FROM delivery o WHERE o.lead_id = l.id AND o.purpose = 'lead'
          AND (o.status <> ALL(:not_accepted) OR 'in_doubt' = (
            SELECT a.outcome FROM attempt a WHERE a.delivery_id = o.id
            ORDER BY a.n DESC LIMIT 1)))
    ORDER BY l.id FOR NO KEY UPDATE OF l
""")
_OPEN = text("""
    SELECT id FROM destination
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'active' AND tested_at IS NOT NULL
""")
_FOLLOW = text("UPDATE lead SET route = CAST(:route AS jsonb) WHERE id = :lead")
# Most leads have one destination: one look spares two updates that would find nothing.
_ROUTED = text("""
    SELECT id FROM lead WHERE id = ANY(CAST(:leads AS uuid[])) AND route IS NOT NULL
""")
# What has begun cannot be called back.
_STAY = text("""
    WITH told AS (
      UPDATE lead SET route = '[]'
      WHERE id = ANY(CAST(:leads AS uuid[])) AND jsonb_array_length(route) > 0)
    UPDATE delivery d SET status = 'cancelled', settled_at = now()
    FROM lead l
    WHERE l.id = d.lead_id AND l.route IS NOT NULL AND l.id = ANY(CAST(:leads AS uuid[]))
      AND d.purpose = 'lead' AND d.status = 'pending' AND EXISTS (
        SELECT 1 FROM delivery o WHERE o.lead_id = l.id AND o.purpose = 'lead'
          AND o.destination_id <> d.destination_id AND o.status IN ('delivered', 'unconfirmed'))
""")
_TAKEN_ELSEWHERE = text("""
    SELECT EXISTS (
      SELECT 1 FROM delivery d JOIN lead l ON l.id = d.lead_id
      JOIN delivery o ON o.lead_id = l.id AND o.purpose = 'lead'
        AND o.destination_id <> d.destination_id
      WHERE d.id = :id AND d.purpose = 'lead' AND l.route IS NOT NULL
        AND o.status <> ALL(:not_accepted))
""")


def read_intakes(connection: Connection, unitids: Collection[int]) -> dict[int, Intake]:
    """Read how schools take leads; one that is missing shares all and knows no duplicates."""
    rows = connection.execute(_INTAKES, {"unitids": list(unitids)})
    return {row.unitid: read_intake(row.intake) for row in rows}


def set_intake(connection: Connection, unitid: int, intake: str) -> None:
    """Keep how a school takes leads, as a JSON document."""
    connection.execute(_SET, {"unitid": unitid, "intake": intake})


def known(
    connection: Connection,
    new: NewLead,
    rule: DuplicateRule,
    indexes: dict[str, bytes],
    now: datetime,
) -> bool:
    """Tell whether a school has this student's lead already, one request at a time.

    Args:
        connection: inside the acceptance transaction, before any window is locked.
        new: the lead that is asked for.
        rule: the school's.
        indexes: blind indexes of what the student gave, by field.
        now: the moment of the request.
    """
    given = [field for field in rule.fields if field in indexes]
    if not given or (rule.match is Match.ALL and len(given) < len(rule.fields)):
        return False
    for key in sorted(indexes.values()):
        connection.execute(_ONE_AT_A_TIME, {"key": key})
    joined = " OR " if rule.match is Match.ANY else " AND "
    same = joined.join(_SAME[field] for field in given)
    query = text(_KNOWN.format(same=same, whose=_WHOSE[rule.scope]))
    values = {
        **{field: indexes[field] for field in given},
        "since": now - timedelta(days=rule.days),
    }
    if rule.scope is DuplicateScope.SCHOOL:
        values["unitid"] = new.unitid
    else:
        values["organization"] = new.organization_id
    return connection.execute(query, values).first() is not None


def follow(connection: Connection, delivery_ids: Sequence[UUID]) -> None:
    """Ask the next destination of leads that were not accepted, if there is one.

    Runs where deliveries settle, in the same transaction: a lead is with one destination at a time,
    and with the next one before anybody could think that it is lost.
    """
    values = {"ids": list(delivery_ids), "not_accepted": list(_NOT_ACCEPTED)}
    for row in connection.execute(_NEXT, values).all():
        left = [UUID(one) for one in row.route]
        open_to = set(connection.execute(_OPEN, {"ids": left}).scalars())
        while left:
            destination = left.pop(0)
            if destination in open_to:
                now = connection.execute(NOW).scalar_one()
                make_delivery(connection, row.id, destination, Purpose.LEAD, DELIVERY_LIFETIME, now)
                break
        route = str([one.hex for one in left]).replace("'", '"')
        connection.execute(_FOLLOW, {"lead": row.id, "route": route})


def stay(connection: Connection, leads: Sequence[UUID]) -> None:
    """Ask nobody else about leads that arrived and that only one destination may have.

    A 2xx can come after the ledger gave up and asked the next destination: what waits there is
    called off. What is there already is there twice, and is charged once.
    """
    if not leads:
        return
    routed = list(connection.execute(_ROUTED, {"leads": list(leads)}).scalars())
    if routed:
        connection.execute(_STAY, {"leads": routed})


def taken_elsewhere(connection: Connection, delivery_id: UUID) -> bool:
    """Tell whether another destination has, or may get, an exclusive lead of this delivery."""
    values = {"id": delivery_id, "not_accepted": list(_NOT_ACCEPTED)}
    return bool(connection.execute(_TAKEN_ELSEWHERE, values).scalar_one())
