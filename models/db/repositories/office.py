"""Reads what an operator looks after, of all organizations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from models.db.crypto import Keyring
from models.domain.delivery import DeliveryStatus
from models.domain.ids import new_id
from models.domain.lead import Verdict
from models.domain.office import AddressKind, KeptPeople, OrganizationState, ReturnsOf, Stopped

BY_OPERATOR = "operator"
_ARRIVED = [DeliveryStatus.DELIVERED.value, DeliveryStatus.UNCONFIRMED.value]
_ORGANIZATIONS = text("""
    SELECT o.id, o.name, o.fictional,
      coalesce((SELECT array_agg(s.unitid ORDER BY s.unitid) FROM organization_school s
                WHERE s.organization_id = o.id), '{}') AS unitids,
      (SELECT count(*) FROM membership m JOIN staff f ON f.id = m.staff_id
       WHERE m.organization_id = o.id AND f.status <> 'disabled') AS people,
      (SELECT count(*) FROM destination d
       WHERE d.organization_id = o.id AND d.status = 'active') AS destinations,
      (SELECT count(*) FROM destination d
       LEFT JOIN destination_state t ON t.destination_id = d.id
       WHERE d.organization_id = o.id
         AND (d.status = 'disabled' OR d.status <> 'removed' AND t.failing_since IS NOT NULL)
      ) AS failing,
      (SELECT count(*) FROM campaign c
       WHERE c.organization_id = o.id AND c.status = 'active') AS campaigns,
      l.leads, l.arrived,
      (SELECT max(p.received_at) FROM disposition p WHERE p.organization_id = o.id) AS answered_at
    FROM organization o, LATERAL (
      SELECT count(*) AS leads, count(*) FILTER (WHERE EXISTS (
          SELECT 1 FROM delivery d WHERE d.lead_id = l.id AND d.purpose = 'lead'
            AND d.status = ANY(:arrived))) AS arrived
      FROM lead l WHERE l.organization_id = o.id AND l.created_at >= :since) l
    ORDER BY lower(o.name), o.id
""")
_RETURNS = text("""
    WITH charged AS (
      SELECT c.id, o.name AS organization, c.name AS campaign, l.terms ->> 'month' AS month,
        min((l.terms ->> 'return_quota_percent')::integer) AS percent,
        count(*) FILTER (WHERE h.kind = 'lead') - count(*) FILTER (WHERE h.kind = 'credit')
          AS charged,
        count(*) FILTER (WHERE h.kind = 'return') AS returned
      FROM charge h JOIN lead l ON l.id = h.lead_id JOIN campaign c ON c.id = h.campaign_id
      JOIN organization o ON o.id = c.organization_id
      WHERE h.month >= :oldest AND l.terms ->> 'month' >= :oldest
      GROUP BY 1, 2, 3, 4),
    refused AS (
      SELECT v.campaign_id AS id, l.terms ->> 'month' AS month, count(*) AS refused
      FROM disposition p JOIN lead l ON l.id = p.lead_id
      JOIN campaign_version v ON v.id = l.campaign_version_id
      WHERE p.status = 'returned' AND p.verdict = ANY(:late) GROUP BY 1, 2)
    SELECT x.*, coalesce(r.refused, 0) AS refused
    FROM charged x LEFT JOIN refused r ON r.id = x.id AND r.month = x.month
    WHERE x.returned > 0 OR r.refused > 0
    ORDER BY x.month DESC, lower(x.organization), x.campaign, x.id
""")
_PEOPLE = text("""
    SELECT (SELECT count(*) FROM person_key WHERE wrapped IS NOT NULL) AS kept,
      (SELECT min(created_at) FROM person_key WHERE wrapped IS NOT NULL) AS oldest,
      coalesce((SELECT jsonb_object_agg(e.erased_by, e.n) FROM
        (SELECT erased_by, count(*) AS n FROM erasure GROUP BY 1) e), '{}') AS erased
""")
_STOPPED = text("SELECT kind, reason, count(*) AS n FROM suppression GROUP BY 1, 2 ORDER BY 1, 2")
_IS = text("SELECT EXISTS (SELECT 1 FROM suppression WHERE kind = :kind AND blind_index = :index)")
_STOP = text("""
    INSERT INTO suppression (id, kind, blind_index, reason, created_at)
    VALUES (:id, :kind, :index, :reason, :now) ON CONFLICT (kind, blind_index) DO NOTHING
""")
_ALLOW = text("""
    DELETE FROM suppression WHERE kind = :kind AND blind_index = :index AND reason = :reason
""")
_OVERDUE = text("""
    SELECT count(*) FROM delivery d JOIN destination s ON s.id = d.destination_id
    WHERE d.status = 'pending' AND d.due_at < now() - interval '10 minutes'
      AND (s.status = 'active' OR d.by_mail)
""")
_MAIL = text("""
    SELECT count(*) FROM message WHERE status IN ('failed', 'expired', 'poison')
      AND settled_at > now() - interval '1 day'
""")
_UNSEALED = text("""
    SELECT (SELECT count(*) FROM consent WHERE sequence IS NULL
            AND agreed_at < now() - interval '1 minute')
      + (SELECT count(*) FROM audit WHERE sequence IS NULL AND at < now() - interval '1 minute')
""")
_FAILING = text("""
    SELECT count(*) FROM destination d
    LEFT JOIN destination_state t ON t.destination_id = d.id
    WHERE d.status = 'disabled' OR (d.status = 'active' AND t.failing_since IS NOT NULL)
""")


class OfficeRepository:
    """Reads what an operator looks after, of all organizations."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def organizations(self, since: datetime) -> Sequence[OrganizationState]:
        """Every organization by name, with what came to it since a moment."""
        rows = self._connection.execute(_ORGANIZATIONS, {"since": since, "arrived": _ARRIVED})
        return [
            OrganizationState(
                row.id,
                row.name,
                row.fictional,
                tuple(row.unitids),
                row.people,
                row.destinations,
                row.failing,
                row.campaigns,
                row.leads,
                row.arrived,
                row.answered_at,
            )
            for row in rows
        ]

    def returns(self, oldest: str) -> Sequence[ReturnsOf]:
        """What campaigns returned, from a month on, newest first."""
        late = [Verdict.LATE.value, Verdict.OVER_QUOTA.value]
        return [
            ReturnsOf(
                row.organization,
                row.campaign,
                row.month,
                row.percent,
                row.charged,
                row.returned,
                row.refused,
            )
            for row in self._connection.execute(_RETURNS, {"oldest": oldest, "late": late})
        ]

    def people(self) -> KeptPeople:
        """How many persons are kept, and were erased."""
        row = self._connection.execute(_PEOPLE).one()
        return KeptPeople(row.kept, row.oldest, row.erased)

    def stopped(self) -> Sequence[Stopped]:
        """How many addresses must not be used."""
        return [
            Stopped(AddressKind(row.kind), row.reason, row.n)
            for row in self._connection.execute(_STOPPED)
        ]

    def is_stopped(self, kind: AddressKind, address: str) -> bool:
        """Whether an address must not be used."""
        return bool(self._connection.execute(_IS, self._of(kind, address)).scalar_one())

    def stop(self, kind: AddressKind, address: str, now: datetime) -> bool:
        """Let nobody use an address any more; tells whether it was used until now."""
        values = {"id": new_id(now), "reason": BY_OPERATOR, "now": now}
        return bool(self._connection.execute(_STOP, self._of(kind, address) | values).rowcount)

    def allow(self, kind: AddressKind, address: str) -> bool:
        """Take back what ``stop`` did, and nothing that its owner did."""
        values = self._of(kind, address) | {"reason": BY_OPERATOR}
        return bool(self._connection.execute(_ALLOW, values).rowcount)

    def overdue_deliveries(self) -> int:
        """How many deliveries have been due for ten minutes and were not begun."""
        return int(self._connection.execute(_OVERDUE).scalar_one())

    def stuck_mail(self) -> int:
        """How many messages to students failed or expired within a day."""
        return int(self._connection.execute(_MAIL).scalar_one())

    def unsealed(self) -> int:
        """How many consents and audit rows have waited a minute for their place in the chain."""
        return int(self._connection.execute(_UNSEALED).scalar_one())

    def failing_destinations(self) -> int:
        """How many destinations of schools are switched off by us, or do not answer."""
        return int(self._connection.execute(_FAILING).scalar_one())

    def _of(self, kind: AddressKind, address: str) -> dict[str, object]:
        return {"kind": kind.value, "index": self._keyring.blind_index(kind.value, address)}
