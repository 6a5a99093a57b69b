"""The kind ``webhook``: a signed POST of our own body, by Standard Webhooks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from models.exchange.kinds.declaration import CONTACT, DeclaredSetting, Kind, Settings
from models.exchange.public_signing import read_private_key
from models.exchange.requests import Preview, previewed, sample_parcel, webhook_request
from models.exchange.setting_checks import check_url
from models.exchange.signing import read_key

_MOST_KEYS = 4
_NO_KEY = "whsec_" + "A" * 32


def _check_keys(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= _MOST_KEYS:
        return f"Give a list of 1 to {_MOST_KEYS} signing keys, newest first."
    for key in value:
        try:
            read_key(key)
        except ValueError as error:
            return str(error)
    return None


def _check_private_key(value: Any) -> str | None:
    try:
        read_private_key(value)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


def _show(
    body: bytes, delivery_id: UUID, settings: Settings, secrets: Sequence[str]
) -> tuple[Preview, ...]:
    # Signed with a key that is none: what it makes is hidden in any case.
    keys: dict[str, Any] = {"signing_keys": [_NO_KEY]}
    made = webhook_request(sample_parcel(delivery_id, body, settings, keys), 0)
    if "private_key" in secrets:
        signed = made.headers["webhook-signature"] + " v1a,none"
        made = replace(made, headers={**made.headers, "webhook-signature": signed})
    return (previewed(made),)


KIND = Kind(
    "webhook",
    "Webhook",
    (
        DeclaredSetting(
            "url",
            "Address",
            "Where we POST each lead as JSON. It must start with https:// and take connections "
            "from the internet.",
            check_url,
        ),
        CONTACT,
        DeclaredSetting(
            "signing_keys",
            "Signing keys",
            "Each starts with whsec_. While you change keys, list the new one first and the old "
            "one after it: every delivery is signed with all of them.",
            _check_keys,
            secret=True,
            read=lambda typed: [part.strip() for part in typed.split(",")],
        ),
        DeclaredSetting(
            "private_key",
            "Private key",
            "Starts with whsk_. Each delivery then has a v1a signature (Ed25519) as well, which "
            "your system checks with the public key, whpk_, and needs no secret for.",
            _check_private_key,
            secret=True,
            required=False,
        ),
    ),
    show=_show,
)
