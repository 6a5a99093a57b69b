"""Reads where a lead stands: its deliveries, what the school said, when each came."""

from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.delivery import TERMINAL, DeliveryStatus
from models.domain.lead import (
    DispositionStatus,
    LeadProgress,
    LeadStatus,
    TimelineEntry,
    status_of_delivery,
)
from models.domain.message import Template

# A delivery replaced by a newer generation no longer counts.
_DELIVERIES = text("""
    SELECT DISTINCT ON (destination_id) status, settled_at
    FROM delivery WHERE lead_id = :lead AND purpose = 'lead'
    ORDER BY destination_id, generation DESC
""")
_SAID = text("""
    SELECT status, received_at FROM disposition
    WHERE lead_id = :lead AND verdict = 'applied' ORDER BY number NULLS FIRST
""")
# A mail with the link is cancelled when its address is stopped, also where that is over by now.
_LEAD = text("""
    SELECT l.created_at, CASE WHEN r.email_confirmed_at IS NULL THEN l.confirm_by END AS confirm_by,
      EXISTS (SELECT 1 FROM suppression s
              WHERE s.kind = 'email' AND s.blind_index = r.email_index)
      OR coalesce((SELECT m.status = 'cancelled' FROM message m
                   WHERE m.request_id = r.id AND m.template = :template
                   ORDER BY m.created_at DESC, m.status = 'cancelled' LIMIT 1), false)
        AS mail_stopped,
      (SELECT min(w.created_at) FROM delivery w WHERE w.lead_id = l.id
                          AND w.purpose IN ('withdrawal', 'deletion')) AS withdrawn_at
    FROM lead l JOIN request r ON r.id = l.request_id WHERE l.id = :lead
""")


def read_progress(connection: Connection, lead_id: UUID) -> LeadProgress:
    """Tell where a lead stands and how it came there; empty when there is no such lead."""
    values = {"lead": lead_id}
    of_link = {**values, "template": Template.CONFIRM_EMAIL.value}
    lead = connection.execute(_LEAD, of_link).one_or_none()
    if lead is None:
        return LeadProgress((), None, withdrawn=False, timeline=())
    deliveries = connection.execute(_DELIVERIES, values).all()
    said = connection.execute(_SAID, values).all()
    # A school may answer before its receipt is written down here: it had the lead by then.
    answered_at = min((row.received_at for row in said), default=None)
    entries = [TimelineEntry(lead.created_at, LeadStatus.ACCEPTED_BY_US)]
    for row in deliveries:
        state = DeliveryStatus(row.status)
        if state in TERMINAL and row.settled_at is not None:
            at, status = row.settled_at, status_of_delivery(state)
            if status is LeadStatus.SENT and answered_at is not None:
                at = min(at, answered_at)
            entries.append(TimelineEntry(at, status))
    entries += [TimelineEntry(row.received_at, LeadStatus(row.status)) for row in said]
    if lead.withdrawn_at is not None:
        entries.append(TimelineEntry(lead.withdrawn_at, LeadStatus.WITHDRAWN))
    return LeadProgress(
        tuple(DeliveryStatus(row.status) for row in deliveries),
        DispositionStatus(said[-1].status) if said else None,
        withdrawn=lead.withdrawn_at is not None,
        timeline=tuple(sorted(entries, key=lambda entry: entry.at)),
        confirm_by=lead.confirm_by,
        mail_stopped=lead.mail_stopped,
    )
