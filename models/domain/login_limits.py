"""How often somebody may try to log in: what is counted, and how a known browser is known."""

import hashlib
import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from uuid import UUID

# NIST SP 800-63B-4, 3.2.2: no more than 100 wrong guesses at an account.
_MOST_A_DAY = 100
_QUARTER, _DAY = timedelta(minutes=15), timedelta(hours=24)


class Limit(NamedTuple):
    """At most that many wrong guesses in a time, counted in one bucket."""

    bucket: str
    most: int
    window: timedelta


def limits(email: str, address: str, device: str | None) -> tuple[Limit, ...]:
    """Say what a try to log in counts against.

    A guesser fills the buckets of their own address and, little by little, that of the account as
    seen from strangers' browsers. The real user is in neither: a browser that has logged in before
    counts alone, and so does the link that is mailed to who asks for a new password. They are
    counted in order, and the first that is full ends it: what one address tries beyond its own
    measure does not fill the account's.

    Args:
        email: as typed, known or not.
        address: where the try comes from.
        device: the mark of a browser that has logged in to this account before, else None.
    """
    if device is not None:
        return (
            Limit(_bucket("device", device), 10, _QUARTER),
            Limit(_bucket("device_day", device), _MOST_A_DAY, _DAY),
        )
    account, network = email.strip().lower(), _network(address)
    return (
        Limit(_bucket("pair", f"{account}\0{network}"), 5, _QUARTER),
        Limit(_bucket("pair_day", f"{account}\0{network}"), 20, _DAY),
        Limit(_bucket("address", network), 30, _QUARTER),
        Limit(_bucket("account", account), _MOST_A_DAY, _DAY),
    )


def link_limits(token_hash: bytes, staff_id: UUID) -> tuple[Limit, ...]:
    """Say what a try with a mailed link counts against: the link, and whose account it is.

    Who reads somebody's mail can ask for one link after the other.
    """
    return (
        Limit(_bucket("link", token_hash.hex()), 10, _DAY),
        Limit(_bucket("links_day", str(staff_id)), _MOST_A_DAY, _DAY),
    )


def inside_limits(staff_id: UUID) -> tuple[Limit, ...]:
    """Say what somebody inside counts against who must show once more who they are."""
    return (
        Limit(_bucket("inside", str(staff_id)), 10, _QUARTER),
        Limit(_bucket("inside_day", str(staff_id)), _MOST_A_DAY, _DAY),
    )


def asking_limits(email: str, address: str) -> tuple[Limit, ...]:
    """Say what asking for mail counts against: where it comes from, and whom it would reach."""
    account = email.strip().lower()
    return (
        Limit(_bucket("asking", _network(address)), 10, timedelta(hours=1)),
        Limit(_bucket("asked", account), 3, timedelta(hours=1)),
    )


def _network(address: str) -> str:
    """Who has one IPv6 address has 2 to the 64 of them: they count as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network(f"{parsed}/64", strict=False))


def _bucket(kind: str, text: str) -> str:
    """Name a bucket; neither address nor account can be read from it."""
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest()
    return f"{kind}:{digest[:40]}"


def device_mark(key: bytes, staff_id: UUID, nonce: str) -> str:
    """Sign what a browser keeps after a login, so that its next tries count alone."""
    digest = hmac.digest(key, b"device\0" + staff_id.bytes + nonce.encode(), hashlib.sha256)
    return f"{nonce}.{digest.hex()}"


def opens_as_device(key: bytes, staff_id: UUID, mark: str) -> bool:
    """Tell, in constant time, whether a mark was made for this account."""
    nonce = mark.partition(".")[0]
    return hmac.compare_digest(device_mark(key, staff_id, nonce).encode(), mark.encode())
