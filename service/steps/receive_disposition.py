"""A school's answer about a lead: kept as it came, then read, then judged.

Raw first: what was said is committed before anything of it is read, so that an answer in a form
nobody expected is still there for an operator, and never lost between two systems.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from models.domain.clock import Clock
from models.domain.destination import DestinationStatus
from models.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from models.domain.lead import DISPOSITION_TRANSITIONS, DispositionStatus, Verdict
from models.domain.organization import ApiKeyHolder, Scope
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.exchange.signing import verified
from service.services import Services

# Two clocks never agree; what is further ahead than this is a mistake.
_CLOCKS_DIFFER = timedelta(seconds=60)
BY_TERMS = {
    Verdict.LATE: "This lead's return window is over, so its charge stands. What you said is kept.",
    Verdict.OVER_QUOTA: "As many of this month's leads as your terms allow were returned already,"
    " so this lead's charge stands. What you said is kept.",
}


class Ledger(Protocol):
    """What keeping a disposition needs of the outside."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        ...

    @property
    def unit_of_work(self) -> UnitOfWorkFactory:
        """Opens transactions."""
        ...


@dataclass(frozen=True, slots=True)
class DispositionInput:
    """What a school said, read and checked."""

    status: DispositionStatus
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DispositionKept:
    """What holds now; saying the same again gives the same."""

    lead_id: UUID
    status: DispositionStatus


@dataclass(frozen=True, slots=True)
class Signed:
    """What came by a signed webhook: the values of its headers, and its bytes."""

    message_id: str
    timestamp: str
    signatures: str
    body: bytes


@dataclass(frozen=True, slots=True)
class AboutLead:
    """Which lead something is said about, and whose staff or key says it."""

    organization_id: UUID
    lead_id: UUID
    api_key_id: UUID | None = None


def receive_disposition(
    services: Services,
    holder: ApiKeyHolder,
    lead_id: UUID,
    raw: bytes,
    read: Callable[[bytes], DispositionInput],
) -> DispositionKept:
    """Keep what a school said about a lead and let it count where the table allows it.

    Args:
        services: the outside.
        holder: whose key came with it.
        lead_id: the lead it is about.
        raw: the bytes as they came.
        read: makes sense of them; what it raises leaves the raw row in place.

    Raises:
        ForbiddenError: when the key may not say this.
        NotFoundError: when the lead is not this organization's.
        InvalidInputError: when a value cannot be used.
        ConflictError: when it cannot follow what was said before; the text says what may.
    """
    if Scope.WRITE_DISPOSITIONS not in holder.scopes:
        raise ForbiddenError(f"This API key lacks the scope {Scope.WRITE_DISPOSITIONS}.")
    about = AboutLead(holder.organization_id, lead_id, holder.key_id)
    return keep_disposition(services, about, raw, read)


def receive_signed(
    services: Services,
    destination_id: UUID,
    signed: Signed,
    read: Callable[[bytes], tuple[UUID, DispositionInput]],
) -> DispositionKept:
    """Do the same for what a school's system signed with a key that its destination has.

    Args:
        services: the outside.
        destination_id: the destination whose leads it takes.
        signed: what came.
        read: makes sense of the bytes: which lead, and what is said of it.

    Raises:
        ForbiddenError: when no key of the destination signed it, or it is old.
        NotFoundError: when the lead is not this organization's.
        InvalidInputError: when a value cannot be used.
        ConflictError: when it cannot follow what was said before; the text says what may.
    """
    with services.unit_of_work() as work:
        try:
            config = work.destinations.for_delivery(destination_id)
        except NotFoundError:
            config = None
    if config is not None and config.status is DestinationStatus.REMOVED:
        # Nobody can end its keys any more, so they end with it.
        config = None
    keys = () if config is None else config.secrets.get("signing_keys", ())
    message = (signed.message_id, signed.timestamp, signed.body)
    now = services.clock.now().timestamp()
    if config is None or not verified(message, signed.signatures, keys, now):
        # One answer for a destination that is not there and a signature that is wrong.
        raise ForbiddenError("Sign it with a signing key of this destination, within 5 minutes.")
    lead_id, said = read(signed.body)
    about = AboutLead(config.organization_id, lead_id)
    return keep_disposition(services, about, signed.body, lambda _: said)


def keep_disposition(
    ledger: Ledger,
    about: AboutLead,
    raw: bytes,
    read: Callable[[bytes], DispositionInput],
) -> DispositionKept:
    """Do the same for somebody who may say it, by whatever way it came.

    Raises:
        NotFoundError: when the lead is not this organization's.
        InvalidInputError: when a value cannot be used.
        ConflictError: when it cannot follow what was said before; the text says what may.
    """
    now, lead_id = ledger.clock.now(), about.lead_id
    with ledger.unit_of_work() as work:
        if work.dispositions.lead_owner(lead_id) != about.organization_id:
            # The same answer for another's lead as for none: ids tell nothing.
            raise NotFoundError("There is no such lead.")
        disposition_id = work.dispositions.record_raw(
            lead_id, about.organization_id, raw, now, api_key_id=about.api_key_id
        )
    said = read(raw)
    check_moment(said.at, now)
    with ledger.unit_of_work() as work:
        verdict = work.dispositions.apply(
            disposition_id,
            said.status,
            reason=said.reason,
            happened_at=min(said.at, now) if said.at else now,
        )
        last = work.dispositions.last_applied(lead_id)
    if verdict is Verdict.REFUSED:
        raise ConflictError(what_may_follow(said.status, last))
    if verdict in BY_TERMS:
        raise ConflictError(BY_TERMS[verdict])
    return DispositionKept(lead_id, said.status)


def check_moment(at: datetime | None, now: datetime) -> None:
    """Refuse what has not happened yet.

    Raises:
        InvalidInputError: when it lies ahead.
    """
    if at is not None and at > now + _CLOCKS_DIFFER:
        raise InvalidInputError({"at": [f"Use a moment that is past; here it is {now:%FT%TZ}"]})


def what_may_follow(said: DispositionStatus, last: DispositionStatus | None) -> str:
    """Say why something cannot follow what was said last, and what can."""
    allowed = DISPOSITION_TRANSITIONS[last]
    following = [status.value for status in DispositionStatus if status in allowed]
    before = last.value if last else "nothing"
    may = f"What may follow: {', '.join(following)}." if following else "Nothing may follow."
    return f"This lead was reported {before}, so {said.value} cannot follow. {may}"
