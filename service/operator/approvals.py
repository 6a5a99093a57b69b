"""Approvals: claims, highlights and texts in one place, and everything that was decided."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.approval import Verdict
from models.domain.claim import ClaimStatus
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix
from service.staff.guard import identifier, insider
from service.staff.pages import act, room
from service.steps import approve, claim_listing
from service.steps.staff_doors import staff_actor
from service.web.names import plain_name
from service.web.pages import services

_CLAIMS = {"approve": ClaimStatus.APPROVED, "decline": ClaimStatus.DECLINED}
_HIGHLIGHTS = {
    "approve": Verdict.APPROVED,
    "decline": Verdict.DECLINED,
    "take_down": Verdict.TAKEN_DOWN,
}
_TEXTS = {"approve": Verdict.APPROVED, "take_back": Verdict.TAKEN_DOWN}
_LONGEST_REASON = 300


def approvals() -> Response:
    """Show what waits, what stands and what was decided."""
    return room(
        "operator/approvals.html", found=approve.approvals(services()), field_name=plain_name
    )


def decide_claim(claim_id: str) -> Redirect:
    """Approve or decline a claim; the form says which."""
    found = identifier(Prefix.CLAIM, claim_id)
    status = _CLAIMS.get(request.form.get("decision", ""))
    if status is None:
        raise NotFound
    return act(
        lambda: claim_listing.decide(services(), insider().staff, found, status),
        f"operator.approvals.{status.value}",
        url_for("operator.approvals"),
    )


def decide_highlight(highlight_id: str) -> Redirect:
    """Approve, decline or take down a highlight; the form says which."""
    found = identifier(Prefix.HIGHLIGHT, highlight_id)
    verdict = _HIGHLIGHTS.get(request.form.get("decision", ""))
    if verdict is None:
        raise NotFound
    reason = " ".join(request.form.get("reason", "").split())[:_LONGEST_REASON]
    return act(
        lambda: approve.decide_highlight(services(), insider().staff, found, verdict, reason),
        f"operator.approvals.{verdict.value}",
        url_for("operator.approvals"),
    )


def decide_texts() -> Redirect:
    """Approve the texts of a version and language, or take the approval back."""
    form = request.form
    verdict = _TEXTS.get(form.get("decision", ""))
    if verdict is None:
        raise NotFound

    def decide() -> None:
        subject, fingerprint = form.get("subject", ""), form.get("fingerprint", "")
        with services().unit_of_work() as work:
            who, now = staff_actor(insider().staff), services().clock.now()
            approve.decide_texts(work, who, subject, fingerprint, verdict=verdict, now=now)

    try:
        return act(decide, f"operator.approvals.{verdict.value}", url_for("operator.approvals"))
    except NotFoundError as error:
        raise NotFound from error
