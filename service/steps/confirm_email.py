"""Confirming an e-mail address by a link: asked at acceptance, answered by the student.

The link holds the request's id and an HMAC of it and of the address's blind index, nothing that
tells who the student is; once the address is corrected it opens nothing. It does one thing, once,
and only by a press of a button: programs that look at links in mail confirm nothing.
"""

from datetime import datetime
from uuid import UUID

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, new_id, show
from models.domain.message import NewMessage, Template
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.verification import (
    CONFIRM_WITHIN,
    MOST_CONFIRM_MAILS,
    Confirmation,
    ConfirmationState,
)
from models.exchange.letters import compose_letter, unsubscribe_path
from service.said import say
from service.services import Services


def ask_to_confirm(
    services: Services, work: UnitOfWork, request_id: UUID, email: str, locale: str
) -> None:
    """Let leads wait that must be confirmed, and mail the link; inside acceptance."""
    work.requests.await_confirmation(request_id)
    _mail(services, work, work.requests.confirmation(request_id), email, locale)


def ask_again(
    services: Services, work: UnitOfWork, request_id: UUID, email: str, locale: str
) -> None:
    """Let leads wait anew, and mail a link to the new address; inside a correction of it.

    Raises:
        InvalidInputError: when the request had too many addresses already.
    """
    if not work.requests.await_again(request_id, services.clock.now() + CONFIRM_WITHIN):
        return
    found = work.requests.confirmation(request_id)
    if found.mails >= MOST_CONFIRM_MAILS:
        raise InvalidInputError({"email": [say("email_changed_often")]})
    _mail(services, work, found, email, locale)


def _mail(
    services: Services, work: UnitOfWork, asked: Confirmation, email: str, locale: str
) -> None:
    now, until = services.clock.now(), asked.until
    if until is None:
        raise NotFoundError("There is nothing to confirm.")
    message_id = new_id(now, services.randomness)
    token = services.tokens.confirmation(asked.request_id, asked.address)
    path = f"/confirm/{show(Prefix.REQUEST, asked.request_id)}/{token}?lang={locale}"
    places: dict[str, str | datetime] = {
        "site": services.public_url,
        "link": services.public_url + path,
        "schools": "; ".join(asked.school_names),
        "until": until,
    }
    stop = unsubscribe_path(message_id, services.tokens.unsubscription(message_id), locale)
    template = Template.CONFIRM_EMAIL
    content = compose_letter(
        message_id, template, locale, email, now, places, services.public_url + stop
    )
    work.messages.add(
        NewMessage(
            message_id, asked.request_id, template, locale, email, content, now, CONFIRM_WITHIN
        )
    )


def view_confirmation(services: Services, request_id: UUID, token: str) -> Confirmation:
    """Tell where a request's confirmation stands.

    Raises:
        NotFoundError: when the link is not one of ours, or there is nothing to confirm.
    """
    with services.unit_of_work() as work:
        return _of_link(services, work.requests.confirmation(request_id), token)


def confirm_email(services: Services, request_id: UUID, token: str) -> Confirmation:
    """Confirm the address; a second time changes nothing.

    Raises:
        NotFoundError: when the link is not one of ours, or there is nothing to confirm.
    """
    with services.unit_of_work() as work:
        asked = _of_link(services, work.requests.confirmation(request_id), token)
        found = work.requests.confirm(request_id, asked.address, services.clock.now())
        _of_link(services, found, token)  # the address may have been corrected a moment ago
    services.nudge()
    return found


def _of_link(services: Services, found: Confirmation, token: str) -> Confirmation:
    # One answer to both, so that a stranger cannot learn which requests there are.
    ours = services.tokens.confirms(found.request_id, found.address, token)
    if not ours or found.state is ConfirmationState.NOT_ASKED:
        raise NotFoundError("This link is not one of ours.")
    return found
