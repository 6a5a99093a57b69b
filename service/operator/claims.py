"""Claims of listings that wait, and deciding them."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.claim import ClaimStatus
from models.domain.ids import Prefix
from service.staff.guard import identifier, insider
from service.staff.pages import act, room
from service.steps import claim_listing
from service.web.pages import services

_DECISIONS = {"approve": ClaimStatus.APPROVED, "decline": ClaimStatus.DECLINED}
_NOTICES = {
    ClaimStatus.APPROVED: "operator.claims.approved",
    ClaimStatus.DECLINED: "operator.claims.declined",
}


def claims() -> Response:
    """Show what waits, oldest first."""
    found, schools = claim_listing.pending(services())
    return room("operator/claims.html", claims=found, schools=schools)


def decide(claim_id: str) -> Redirect:
    """Approve or decline; the form says which."""
    found = identifier(Prefix.CLAIM, claim_id)
    status = _DECISIONS.get(request.form.get("decision", ""))
    if status is None:
        raise NotFound
    return act(
        lambda: claim_listing.decide(services(), insider().staff, found, status),
        _NOTICES[status],
        url_for("operator.claims"),
    )
