"""Which addresses a delivery may connect to (SSRF).

``ipaddress.is_global`` alone is not enough: on Python 3.11 it is True for ``64:ff9b::a9fe:a9fe``,
``2002:7f00:1::``, ``fec0::1``, ``::127.0.0.1`` and ``224.0.0.1``. So: global, and on no list.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_FORBIDDEN = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated (SIIT)
        "64:ff9b::/96",  # NAT64: carries any IPv4 address
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # IETF protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: carries any IPv4 address
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
# Answers of the two below that are kept: the same few are asked for at every send.
_REMEMBERED = 4096
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_PRIVATE = tuple(
    ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


@lru_cache(maxsize=_REMEMBERED)
def read_address(text: str) -> Address | None:
    """Read a literal address without a zone; None when it is a name."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A zone names one of our own interfaces: no stranger needs it.
    return None if getattr(address, "scope_id", None) else address


def is_loopback(address: Address) -> bool:
    """Tell whether it is this machine."""
    return any(address in network for network in _LOOPBACK)


@lru_cache(maxsize=_REMEMBERED)
def may_connect(address: Address, *, allow_loopback: bool, allow_private: bool = False) -> bool:
    """Tell whether a delivery may connect there.

    Args:
        address: what a name resolved to, or the literal itself.
        allow_loopback: it opens this machine and nothing else.
        allow_private: it opens the networks that anybody may use at home, and nothing else.
    """
    if is_loopback(address):
        return allow_loopback
    if any(address in network for network in _PRIVATE):
        return allow_private
    if any(address in network for network in _FORBIDDEN):
        return False
    return address.is_global and not address.is_multicast
