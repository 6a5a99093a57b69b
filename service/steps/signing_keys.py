"""Changing the keys that a webhook is signed with, without a stop: two are live meanwhile."""

import os
from collections.abc import Callable
from uuid import UUID

from models.domain.errors import ConflictError
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from models.exchange.signing import make_key
from service.said import say
from service.services import Services
from service.steps.set_up_destination import SIGNING_KEYS, By, Opened, keep, open_in, who

_MOST_LIVE = 2


def add_signing_key(
    services: Services,
    staff: Staff,
    which: tuple[UUID, UUID],
    randomness: Callable[[int], bytes] = os.urandom,
) -> str:
    """Sign with a new key beside the present one; return it, to be shown once.

    A receiver that knows the present one takes every delivery as before, so requests go on.

    Raises:
        NotFoundError: when it is not this organization's.
        ConflictError: when two keys are live already, or it has none.
    """
    with services.unit_of_work() as work:
        opened, keys = _keys(work, which)
        if len(keys) >= _MOST_LIVE:
            raise ConflictError(say("keys_two_live"))
        made = make_key(randomness)
        _set_keys(who(services, staff), work, opened, [made, *keys], tested=True)
    return made


def end_old_key(services: Services, staff: Staff, which: tuple[UUID, UUID]) -> None:
    """Sign with the newest key only; a test has to show that the receiver knows it.

    Raises:
        NotFoundError: when it is not this organization's.
        ConflictError: when one key is live only.
    """
    with services.unit_of_work() as work:
        opened, keys = _keys(work, which)
        if len(keys) < _MOST_LIVE:
            raise ConflictError(say("keys_one_live"))
        _set_keys(who(services, staff), work, opened, keys[:1], tested=False)


def live_keys(services: Services, which: tuple[UUID, UUID]) -> int:
    """Count the keys that a webhook signs with."""
    with services.unit_of_work() as work:
        opened = open_in(work, *which)
        if SIGNING_KEYS not in opened.secrets:
            return 0
        return len(work.destinations.for_delivery(which[1]).secrets[SIGNING_KEYS])


def _keys(work: UnitOfWork, which: tuple[UUID, UUID]) -> tuple[Opened, list[str]]:
    opened = open_in(work, *which)
    if SIGNING_KEYS not in opened.secrets:
        raise ConflictError(say("keys_none"))
    return opened, list(work.destinations.for_delivery(which[1]).secrets[SIGNING_KEYS])


def _set_keys(by: By, work: UnitOfWork, opened: Opened, keys: list[str], *, tested: bool) -> None:
    config = work.destinations.for_delivery(opened.destination.id)
    after = (dict(config.settings), {**config.secrets, SIGNING_KEYS: keys})
    opened.kind.check(*after)
    keep(by, work, opened, after, [SIGNING_KEYS])
    if tested and opened.destination.tested_at is not None:
        work.destinations.mark_tested(opened.destination.id, opened.destination.tested_at)
