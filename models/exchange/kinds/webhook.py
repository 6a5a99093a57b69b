"""The kind ``webhook``: a signed POST of our own body, by Standard Webhooks."""

from typing import Any
from urllib.parse import urlsplit

from models.exchange.kinds.declaration import DeclaredSetting, Kind
from models.exchange.signing import read_key

_MOST_KEYS = 4


def _check_url(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii():
        return "Use an address such as https://crm.example.edu/hooks/leads."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "Use an address such as https://crm.example.edu/hooks/leads."
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "Use an address that starts with https://, such as https://crm.example.edu/hooks."
    if parts.username is not None or parts.password is not None:
        return "Leave the user name and password out of the address; the signature proves it is us."
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return "Remove the spaces from the address."
    return None


def _check_keys(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= _MOST_KEYS:
        return f"Give a list of 1 to {_MOST_KEYS} signing keys, newest first."
    for key in value:
        try:
            read_key(key)
        except ValueError as error:
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
            _check_url,
        ),
        DeclaredSetting(
            "signing_keys",
            "Signing keys",
            "Each starts with whsec_. While you change keys, list the new one first and the old "
            "one after it: every delivery is signed with all of them.",
            _check_keys,
            secret=True,
        ),
    ),
)
