"""The kind ``webhook``: a signed POST of our own body, by Standard Webhooks."""

from typing import Any

from models.exchange.kinds.declaration import CONTACT, DeclaredSetting, Kind
from models.exchange.public_signing import read_private_key
from models.exchange.setting_checks import check_url
from models.exchange.signing import read_key

_MOST_KEYS = 4


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
)
