"""What a log line says of a delivery: ids as people see them, nothing personal."""

from uuid import UUID

from models.domain.delivery import ClaimedDelivery
from models.domain.ids import Prefix, show


def ids(claim: ClaimedDelivery, request_id: UUID | None) -> dict[str, str]:
    """Name a delivery, its lead and its request, as the web's lines name them; tests have one."""
    named = {"delivery": show(Prefix.DELIVERY, claim.id)}
    if claim.lead_id is not None:
        named["lead"] = show(Prefix.LEAD, claim.lead_id)
    if request_id is not None:
        named["request"] = show(Prefix.REQUEST, request_id)
    return named
