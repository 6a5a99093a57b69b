"""Sends mail to students: what is due, one after the other, by the way that mail leaves here."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import structlog

from models.domain.delivery import DEFAULT_SCHEDULE, DeliveryStatus
from models.domain.errors import DeliveryError
from models.domain.ids import Prefix, show
from models.domain.message import UNREADABLE, HeldMessage
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from workers.outbound.ports import Mail

_log = structlog.get_logger(__name__)
# One mail takes 25 s at most, so that two are sent well within their lease.
_AT_ONCE, _LEASE = 2, timedelta(seconds=90)
_ACCEPTED, _FOR_GOOD = 300, 500

OpenMail = Callable[[], AbstractContextManager[Mail | None]]


def send_messages(
    unit_of_work: UnitOfWorkFactory,
    open_mail: OpenMail,
    chance: Callable[[], float] = random.random,
) -> int:
    """Send all that is due; each is claimed, and that is committed, before its first byte leaves.

    Where mail is not set up, messages wait.

    Returns:
        How many were tried.
    """
    tried = 0
    with unit_of_work() as work:
        work.messages.sweep()
    with open_mail() as mail:
        while mail is not None:
            with unit_of_work() as work:
                held = work.messages.claim(_AT_ONCE, _LEASE)
            if not held:
                break
            for one in held:
                _finish(unit_of_work, one, _send(mail, one), chance())
            tried += len(held)
    return tried


def _send(mail: Mail, held: HeldMessage) -> DeliveryStatus:
    if held.stop is not None:
        _log.info("message_stopped", message=show(Prefix.MESSAGE, held.id), reason=held.stop)
        # A key may come back to the settings; who was erased or said stop does not.
        return DeliveryStatus.PENDING if held.stop == UNREADABLE else DeliveryStatus.CANCELLED
    try:
        answer = mail.send(show(Prefix.MESSAGE, held.id), held.recipient, held.content)
    except DeliveryError as error:
        return DeliveryStatus.PENDING if error.retryable else DeliveryStatus.FAILED
    if answer.code < _ACCEPTED:
        # A mail server promises to carry a message, not that it arrives.
        return DeliveryStatus.UNCONFIRMED
    again = answer.about_us or answer.code < _FOR_GOOD
    return DeliveryStatus.PENDING if again else DeliveryStatus.FAILED


def _finish(
    unit_of_work: UnitOfWorkFactory, held: HeldMessage, status: DeliveryStatus, chance: float
) -> None:
    with unit_of_work() as work:
        due_at = None
        if status is DeliveryStatus.PENDING:
            due_at = DEFAULT_SCHEDULE.next_due(held.attempts, work.deliveries.now(), chance)
            if due_at is None or due_at >= held.expires_at:
                status, due_at = DeliveryStatus.EXPIRED, None
        work.messages.finish(held, status, due_at)
    _log.info("message", message=show(Prefix.MESSAGE, held.id), status=status.value)
