"""Confirming an e-mail address by a link: asked at acceptance, answered by the student.

The link holds the request's id and an HMAC of it, nothing of the student. It does one thing, once,
and only by a press of a button: programs that look at links in mail confirm nothing.
"""

from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, new_id, show
from models.domain.message import NewMessage, Template
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.request import AcceptedLead, NewRequest
from models.domain.verification import CONFIRM_WITHIN, Confirmation, ConfirmationState
from models.exchange.letters import compose_letter, unsubscribe_path
from service.services import Services


def ask_to_confirm(
    services: Services, work: UnitOfWork, new: NewRequest, leads: Sequence[AcceptedLead]
) -> None:
    """Let leads wait that must be confirmed, and mail the link; inside acceptance."""
    work.requests.await_confirmation(new.id)
    message_id = new_id(new.created_at, services.randomness)
    waiting = {lead.unitid: lead.confirm_by for lead in leads if lead.confirm_by}
    until = max(waiting.values())
    schools = {each["school"]["unitid"]: each["school"]["name"] for each in new.slate["listings"]}
    token = services.tokens.confirmation(new.id)
    path = f"/confirm/{show(Prefix.REQUEST, new.id)}/{token}?lang={new.locale}"
    places = {
        "site": services.public_url,
        "link": services.public_url + path,
        "schools": "; ".join(schools[unitid] for unitid in waiting),
        "until": f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    }
    stop = unsubscribe_path(message_id, services.tokens.unsubscription(message_id), new.locale)
    template, student = Template.CONFIRM_EMAIL, new.student
    content = compose_letter(
        message_id,
        template,
        new.locale,
        student.email,
        new.created_at,
        places,
        services.public_url + stop,
    )
    work.messages.add(
        NewMessage(
            message_id,
            new.id,
            template,
            new.locale,
            student.email,
            content,
            new.created_at,
            CONFIRM_WITHIN,
        )
    )


def view_confirmation(services: Services, request_id: UUID, token: str) -> Confirmation:
    """Tell where a request's confirmation stands.

    Raises:
        NotFoundError: when the link is not one of ours, or there is nothing to confirm.
    """
    _check(services, request_id, token)
    with services.unit_of_work() as work:
        return _asked(work.requests.confirmation(request_id))


def confirm_email(services: Services, request_id: UUID, token: str) -> Confirmation:
    """Confirm the address; a second time changes nothing.

    Raises:
        NotFoundError: when the link is not one of ours, or there is nothing to confirm.
    """
    _check(services, request_id, token)
    with services.unit_of_work() as work:
        found = _asked(work.requests.confirm(request_id, services.clock.now()))
    services.nudge()
    return found


def _check(services: Services, request_id: UUID, token: str) -> None:
    # Before looking, so that a stranger cannot learn which requests there are.
    if not services.tokens.confirms(request_id, token):
        raise NotFoundError("This link is not one of ours.")


def _asked(found: Confirmation) -> Confirmation:
    if found.state is ConfirmationState.NOT_ASKED:
        raise NotFoundError("There is nothing to confirm.")
    return found
