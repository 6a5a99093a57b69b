"""A request's status, school by school, for the student who holds its token."""

from uuid import UUID

from models.domain.errors import NotFoundError
from models.domain.request import KeptLead
from service.services import Services
from service.steps.outputs import LeadView, NotTakenView, RequestView


def view_request(services: Services, request_id: UUID) -> RequestView:
    """Tell where each lead of a request stands; whoever calls has checked the token.

    Raises:
        NotFoundError: when there is no such request.
    """
    with services.unit_of_work() as work:
        kept = work.requests.get(request_id)
        if kept is None:
            raise NotFoundError("There is no such request.")
        progress = {lead.lead_id: work.deliveries.of_lead(lead.lead_id) for lead in kept.leads}

    def view(lead: KeptLead) -> LeadView:
        at = progress[lead.lead_id]
        return LeadView(
            lead.lead_id,
            lead.unitid,
            lead.school_name,
            at.status,
            at.timeline,
            at.confirm_by,
            at.mail_stopped,
        )

    return RequestView(
        request_id=kept.request_id,
        created_at=kept.created_at,
        leads=tuple(map(view, kept.leads)),
        not_taken=tuple(
            NotTakenView(each.unitid, kept.school_names[each.unitid], each.reason)
            for each in kept.not_taken
        ),
    )


def find_request(services: Services, idempotency_key: str, source: str = "site") -> UUID | None:
    """Tell which request was kept under a key; None: nothing was."""
    with services.unit_of_work() as work:
        kept = work.requests.find_accepted(source, idempotency_key)
    return kept.request_id if kept else None
