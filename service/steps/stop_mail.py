"""Stopping all mail to an address, by the link of any mail that it got; and taking that back.

The link names the mail and holds an HMAC of its id: who has the mail needs nothing else.
"""

from uuid import UUID

from models.domain.errors import NotFoundError
from service.services import Services


def view_stop(services: Services, message_id: UUID, token: str) -> bool:
    """Tell whether mail to who a message is for is stopped; looking changes nothing.

    Raises:
        NotFoundError: when the link is not one of ours.
    """
    _check(services, message_id, token)
    with services.unit_of_work() as work:
        stopped = work.suppressions.mail_stopped(message_id)
    if stopped is None:
        raise NotFoundError("This link is not one of ours.")
    return stopped


def stop_mail(services: Services, message_id: UUID, token: str) -> None:
    """Stop it; a second time changes nothing.

    Raises:
        NotFoundError: when the link is not one of ours.
    """
    _check(services, message_id, token)
    with services.unit_of_work() as work:
        found = work.suppressions.stop_mail(message_id, services.clock.now())
    if not found:
        raise NotFoundError("This link is not one of ours.")


def allow_mail(services: Services, message_id: UUID, token: str) -> None:
    """Take back that it was stopped.

    Raises:
        NotFoundError: when the link is not one of ours.
    """
    _check(services, message_id, token)
    with services.unit_of_work() as work:
        found = work.suppressions.allow_mail(message_id)
    if not found:
        raise NotFoundError("This link is not one of ours.")


def _check(services: Services, message_id: UUID, token: str) -> None:
    # Before looking, so that a stranger cannot learn which mails there are.
    if not services.tokens.unsubscribes(message_id, token):
        raise NotFoundError("This link is not one of ours.")
