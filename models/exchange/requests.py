"""The requests that leave: made here, sent by the clients of the kinds, and shown before they are.

A request is shown with marks where its credentials stand; everything else is as it would be sent.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from models.exchange.public_signing import sign_publicly
from models.exchange.signing import sign
from models.exchange.writing import CONTENT_TYPES, BodyFormat, put_secrets

_AGENT = "schoolmatch/1"
HIDDEN = "••••••"
# Headers that prove who we are, or are made with a secret.
_PROOFS = frozenset({"authorization", "webhook-signature"})


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A POST, complete: nothing is added to it on its way. It holds credentials."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Preview:
    """A request as it is shown: ``step`` says which of several it is, where there are several."""

    method: str
    address: str
    headers: tuple[tuple[str, str], ...]
    body: str
    step: str = ""


def basic(name: str, password: str) -> str:
    """Write a Basic proof (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def form_request(parcel: Parcel, token: str | None) -> Prepared:
    """Make the POST of a school's own form.

    Args:
        parcel: what is sent.
        token: fetched for it, where its settings say so.
    """
    body_format = BodyFormat(parcel.settings["format"])
    headers = {
        "content-type": CONTENT_TYPES[body_format],
        "user-agent": _AGENT,
        # The same at every try; a school's own system may know it again.
        "idempotency-key": show(Prefix.DELIVERY, parcel.delivery_id),
        **_proof(parcel, token),
    }
    body = put_secrets(body_format, parcel.body, parcel.secrets)
    return Prepared(str(parcel.settings["url"]), headers, body)


def ping_request(parcel: Parcel, ping: bytes) -> Prepared:
    """Make the question for a price; it has no id: a buyer could tell by it whose lead came of it.

    Args:
        parcel: what is sent.
        ping: its first body.
    """
    url = str(parcel.settings.get("ping_url") or parcel.settings["url"])
    body_format = BodyFormat(parcel.settings["format"])
    headers = {"content-type": CONTENT_TYPES[body_format], "user-agent": _AGENT}
    return Prepared(url, headers, put_secrets(body_format, ping, parcel.secrets))


def sale_request(parcel: Parcel, post: bytes, marks: Mapping[str, str]) -> Prepared:
    """Make the POST of a lead to a buyer that said yes.

    Args:
        parcel: what is sent.
        post: its second body.
        marks: what the buyer said to the ping, to be put in.
    """
    body_format = BodyFormat(parcel.settings["format"])
    headers = {
        "content-type": CONTENT_TYPES[body_format],
        "user-agent": _AGENT,
        "idempotency-key": show(Prefix.DELIVERY, parcel.delivery_id),
    }
    body = put_secrets(body_format, post, {**parcel.secrets, **marks})
    return Prepared(str(parcel.settings["url"]), headers, body)


def webhook_request(parcel: Parcel, timestamp: int) -> Prepared:
    """Make a signed POST, by Standard Webhooks.

    Args:
        parcel: what is sent.
        timestamp: seconds since 1970.

    Raises:
        KeyError: when no signing key is set.
        ValueError: when one cannot be used.
    """
    message_id = show(Prefix.DELIVERY, parcel.delivery_id)
    signature = sign(message_id, timestamp, parcel.body, parcel.secrets["signing_keys"])
    if private := parcel.secrets.get("private_key"):
        signature += f" {sign_publicly(message_id, timestamp, parcel.body, private)}"
    headers = {
        "content-type": "application/json",
        "user-agent": _AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    return Prepared(str(parcel.settings["url"]), headers, parcel.body)


def previewed(prepared: Prepared, step: str = "") -> Preview:
    """Lay a request out to be looked at; what proves who we are is hidden."""
    headers = tuple(
        (name, _hidden(value) if name in _PROOFS else value)
        for name, value in prepared.headers.items()
    )
    return Preview("POST", prepared.url, headers, prepared.body.decode("utf-8", "replace"), step)


def mark_secrets(names: Sequence[str]) -> dict[str, Any]:
    """Stand-ins for credentials: each says which one stands there."""
    return {name: f"hidden-{name}" for name in names}


def sample_parcel(
    delivery_id: UUID, body: bytes, settings: Mapping[str, Any], secrets: Mapping[str, Any]
) -> Parcel:
    """Make the parcel of a lead that nobody sent."""
    return Parcel(delivery_id, Purpose.LEAD, body, settings, secrets)


def _proof(parcel: Parcel, token: str | None) -> Mapping[str, str]:
    if token is not None:
        return {"authorization": f"Bearer {token}"}
    auth = parcel.settings["auth"]
    if auth == "basic":
        password = str(parcel.secrets.get("password", ""))
        return {"authorization": basic(str(parcel.settings["user_name"]), password)}
    if auth == "bearer":
        return {"authorization": f"Bearer {parcel.secrets.get('token', '')}"}
    return {}


def _hidden(value: str) -> str:
    """Hide what proves, and tell how it does: ``Basic ••••••``, ``v1,••••••``."""
    if "," in value:
        return " ".join(f"{each.partition(',')[0]},{HIDDEN}" for each in value.split(" "))
    return f"{value.partition(' ')[0]} {HIDDEN}"
