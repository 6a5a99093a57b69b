"""From a held delivery to a parcel ready to leave, or to a settlement when it must not."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from models.domain.delivery import ClaimedDelivery, DeliveryStatus, Outcome
from models.domain.destination import DestinationConfig
from models.domain.sending import Envelope, HeldDelivery, Parcel, Send, Settlement
from models.exchange.kinds import Kind
from models.exchange.payload import UnrenderableError
from workers.delivery.naming import ids

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """A delivery whose attempt row is committed: it may leave, until ``start_by`` (monotonic).

    ``names`` are what log lines call it. ``others`` are in the same parcel, and share what it
    comes to.
    """

    claim: ClaimedDelivery
    kind: str
    version_id: UUID
    parcel: Parcel
    envelope: Envelope
    attempt: int
    names: Mapping[str, str]
    start_by: float = math.inf
    others: tuple["Ready", ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A delivery whose bytes are known; its attempt row is about to be written."""

    held: HeldDelivery
    config: DestinationConfig
    body: bytes
    send: Send

    def ready(self, attempt: int, start_by: float, parcel: Parcel) -> Ready:
        """Make it ready once its attempt has a number."""
        return Ready(
            self.held.claim,
            self.config.kind,
            self.config.version_id,
            parcel,
            self.held.envelope,
            attempt,
            ids(self.held.claim, self.held.request_id),
            start_by,
        )


def prepare(held: HeldDelivery, config: DestinationConfig, kind: Kind) -> Prepared | Settlement:
    """Decide whether a delivery may leave and with which bytes.

    The body is rendered before the first try only; after that the frozen bytes are used, and their
    hash must be the one that was frozen with them.
    """
    if held.stop is not None:
        return _settled(held.claim, DeliveryStatus.CANCELLED, held.stop.value)
    if held.unreadable:
        return _settled(held.claim, DeliveryStatus.FAILED, "unreadable")
    if held.claim.by_mail and "to" not in config.settings:
        return _settled(held.claim, DeliveryStatus.FAILED, "no_contact")
    try:
        body = _body(held, config, kind)
    except UnrenderableError as error:
        # Its words name fields, never what stands in them.
        _log.warning("unrenderable", **ids(held.claim, held.request_id), error=str(error))
        return _settled(held.claim, DeliveryStatus.FAILED, "unrenderable")
    digest = hashlib.sha256(body).digest()
    if held.body_hash is not None and held.body_hash != digest:
        return _settled(held.claim, DeliveryStatus.FAILED, "tampered")
    sealed = held.envelope.seal_body(body) if held.body is None else None
    return Prepared(held, config, body, Send(held.claim, sealed, digest, config.version_id))


def mailed(config: DestinationConfig, kind: Kind) -> DestinationConfig:
    """Lay out how people of a destination's school are told by e-mail, at the address it names."""
    contact = config.settings.get(kind.contact)
    return replace(config, kind="email", settings={"to": contact} if contact else {}, secrets={})


def _body(held: HeldDelivery, config: DestinationConfig, kind: Kind) -> bytes:
    if held.body is not None:
        return held.body
    if held.facts is None:
        raise UnrenderableError("a held delivery has neither body nor facts")
    return kind.write(held.facts, held.claim.id, config.settings)


def _settled(claim: ClaimedDelivery, status: DeliveryStatus, reason: str) -> Settlement:
    return Settlement(claim, status, Outcome(status, reason))
