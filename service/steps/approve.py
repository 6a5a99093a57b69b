"""What an operator approves: highlights and texts of consents, beside claims; and what was decided.

Claims are decided in ``claim_listing``; all three leave a decision here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.approval import (
    Decision,
    DecisionKind,
    Texts,
    Verdict,
    all_texts,
    unapproved,
)
from models.domain.claim import Claim
from models.domain.consent_texts import texts_mark
from models.domain.errors import ConflictError, NotFoundError, UnavailableError
from models.domain.highlight import Highlight, HighlightStatus, check_transition
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps import own_highlights
from service.steps.claim_listing import SchoolFound, schools_named
from service.steps.staff_doors import staff_actor

MOST_SHOWN = 100
_HIGHLIGHTS = {
    Verdict.APPROVED: HighlightStatus.APPROVED,
    Verdict.DECLINED: HighlightStatus.DECLINED,
    Verdict.TAKEN_DOWN: HighlightStatus.TAKEN_DOWN,
}


@dataclass(frozen=True, slots=True)
class TextsShown:
    """Texts of a version and language, whether they are approved, and what was decided last."""

    texts: Texts
    approved: bool
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Approvals:
    """What waits, what stands, and what was decided; ``people`` by their shown ids.

    ``mark`` is what a deployment says its texts are approved by; empty while one waits.
    """

    claims: tuple[Claim, ...]
    waiting: tuple[Highlight, ...]
    standing: tuple[Highlight, ...]
    texts: tuple[TextsShown, ...]
    mark: str
    history: tuple[Decision, ...]
    schools: Mapping[int, SchoolFound]
    people: Mapping[str, str]


def approvals(services: Services) -> Approvals:
    """Read everything that the page of approvals shows."""
    with services.unit_of_work() as work:
        claims, waiting = work.claims.pending(), work.approvals.waiting()
        standing, texts = work.approvals.standing(), _shown_texts(work)
        mark = "" if unapproved(work.approvals.texts()) else texts_mark()
        history = work.approvals.decisions(MOST_SHOWN)
        people = {show(Prefix.STAFF, one.id): one.email for one in work.staff.all()}
    unitids = {each.unitid for each in claims}
    unitids |= {each.unitid for each in (*waiting, *standing)}
    return Approvals(
        claims, waiting, standing, texts, mark, history, _named(services, unitids), people
    )


def _named(services: Services, unitids: set[int]) -> Mapping[int, SchoolFound]:
    """Name schools; while nothing serves, as before the first approval of texts, by number."""
    try:
        return schools_named(services, unitids)
    except UnavailableError:
        return {}


def decide_highlight(
    services: Services, staff: Staff, highlight_id: UUID, verdict: Verdict, reason: str
) -> None:
    """Approve, decline or take down; within a second it stands, or is gone.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when that cannot follow.
    """
    now, who = services.clock.now(), staff_actor(staff)
    with services.unit_of_work() as work:
        found = work.approvals.get(highlight_id)
        check_transition(found.status, _HIGHLIGHTS[verdict])
        if verdict is Verdict.APPROVED and found.replaces is not None:
            before = work.approvals.get(found.replaces)
            if before.status is HighlightStatus.APPROVED:
                work.approvals.move(before.id, HighlightStatus.REPLACED)
        work.approvals.move(highlight_id, _HIGHLIGHTS[verdict])
        shown = show(Prefix.HIGHLIGHT, highlight_id)
        work.approvals.decide(
            Decision(
                now,
                DecisionKind.HIGHLIGHT,
                shown,
                found.words,
                verdict,
                who,
                reason,
                organization_id=found.organization_id,
            )
        )
        own_highlights.note(work, who, f"highlight.{verdict.value}", found, now)


def decide_texts(  # noqa: PLR0913 - who decides what, with which words before them
    work: UnitOfWork,
    who: Actor,
    subject: str,
    fingerprint: str,
    *,
    verdict: Verdict,
    now: datetime,
) -> Texts:
    """Approve the texts of a version and language, or take the approval back.

    Args:
        work: the transaction.
        who: who decides.
        subject: version and language, such as ``2026-11-sample en``.
        fingerprint: of the words that they read; approving others is refused.
        verdict: approved, or taken down.
        now: the moment.

    Raises:
        NotFoundError: when there are no such texts.
        ConflictError: when they are not the words that were read.
    """
    found = next((each for each in all_texts() if each.subject == subject), None)
    if found is None:
        raise NotFoundError(f"there are no texts {subject[:80]}")
    if found.fingerprint != fingerprint:
        raise ConflictError(say("changed_meanwhile"))
    what = f"{found.version} {found.locale}"
    work.approvals.decide(
        Decision(now, DecisionKind.TEXTS, subject, what, verdict, who, "", fingerprint)
    )
    detail = {"fingerprint": fingerprint}
    work.organizations.record_audit(who, f"texts.{verdict.value}", subject, detail, now)
    return found


def _shown_texts(work: UnitOfWork) -> tuple[TextsShown, ...]:
    """List the texts of every version and language with what was decided, newest version first."""
    decided = work.approvals.texts()
    return tuple(
        TextsShown(each, each.approved_by(decided.get(each.subject)), decided.get(each.subject))
        for each in all_texts()
    )
