"""From the address a school typed to the one socket address we may connect to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from models.outbound.addresses import Address, is_loopback, may_connect, read_address
from models.outbound.errors import ForbiddenTargetError
from models.outbound.resolving import Resolve

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?")
_PATH = re.compile(r"[!-~]*")
_DEFAULT_PORTS = {"https": 443, "http": 80, "smtps": 465, "smtp": 587, "sftp": 22}
WEB = ("https", "http")
MAIL = ("smtps", "smtp")
FILES = ("sftp",)


@dataclass(frozen=True, slots=True)
class Policy:
    """Where deliveries may go.

    ``ports`` and, for SFTP, ``file_ports``: None allows any; production refuses that and
    ``allow_loopback``. ``allow_private`` is
    for what the operator's own settings name, never for what a school does. ``ca_file`` replaces
    the certificate authorities that libcurl trusts.
    """

    ports: frozenset[int] | None = frozenset({443})
    allow_loopback: bool = False
    allow_private: bool = False
    ca_file: str | None = None
    file_ports: frozenset[int] | None = frozenset({22})


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted place: the URL as sent (built from its parts), and the addresses it may use."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[Address, ...]

    @property
    def url(self) -> str:
        """The URL, in one spelling, so that no two parsers can read it differently."""
        literal = read_address(self.host)
        host = f"[{literal}]" if literal is not None and literal.version == 6 else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def vet(url: str, policy: Policy, resolve: Resolve, schemes: tuple[str, ...] = WEB) -> Target:
    """Take a URL apart, resolve its name once, and refuse it if any address is bad.

    Raises:
        ForbiddenTargetError: when we never connect there.
        UnresolvedError: when the name has no address now.
    """
    scheme, host, port, path = _parts(url, schemes)
    ports = policy.file_ports if scheme in FILES else policy.ports
    if ports is not None and port not in ports:
        raise ForbiddenTargetError("port_not_allowed", retryable=False)
    literal = read_address(host)
    addresses = (literal,) if literal is not None else resolve(host, port)
    if not all(_may_connect(address, policy) for address in addresses):
        raise ForbiddenTargetError("address_not_allowed", retryable=literal is None)
    if scheme == "http" and not all(map(is_loopback, addresses)):
        raise ForbiddenTargetError("https_needed", retryable=False)
    return Target(scheme, host if literal is None else str(literal), port, path, addresses)


def _may_connect(address: Address, policy: Policy) -> bool:
    return may_connect(
        address, allow_loopback=policy.allow_loopback, allow_private=policy.allow_private
    )


@lru_cache(maxsize=4096)
def _parts(url: str, schemes: tuple[str, ...]) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenTargetError("address_not_readable", retryable=False) from error
    # "school.example." is the same name, and libcurl would not find it among the vetted ones.
    host = (parts.hostname or "").removesuffix(".")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    readable = (
        parts.scheme in schemes
        and parts.username is None
        and parts.password is None
        and (read_address(host) is not None or _NAME.fullmatch(host))
        and path.startswith("/")
        and _PATH.fullmatch(path)
        and url.isprintable()
    )
    if not readable:
        raise ForbiddenTargetError("address_not_readable", retryable=False)
    return parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port, path
