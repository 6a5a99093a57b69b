"""A libcurl handle that connects to vetted addresses only: no redirects, no proxies."""

import contextlib
import socket
from typing import Any

import pycurl

from models.outbound.addresses import Address, read_address
from models.outbound.resolving import Resolve
from models.outbound.targets import FILES, MAIL, Policy, Target, vet

_REASONS = {
    pycurl.E_COULDNT_CONNECT: "connection_refused",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls_not_verified",
    pycurl.E_SSL_CONNECT_ERROR: "tls_failed",
    pycurl.E_GOT_NOTHING: "closed_without_answer",
    pycurl.E_SEND_FAIL_REWIND: "closed_without_answer",  # see models.outbound.http
    pycurl.E_RECV_ERROR: "connection_reset",
    pycurl.E_SEND_ERROR: "connection_reset",
    pycurl.E_USE_SSL_FAILED: "tls_failed",
    pycurl.E_LOGIN_DENIED: "login_refused",
}


def reason_of(error: pycurl.error) -> str:
    """A word for what went wrong, without addresses."""
    return _REASONS.get(error.args[0], f"curl_{error.args[0]}")


class GuardedCurl:
    """One handle; for one thread. ``curl`` takes the options that are the request's own."""

    def __init__(self, policy: Policy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._allowed: frozenset[Address] = frozenset()
        self._opened: list[socket.socket] = []
        self._aimed: tuple[Target, float] | None = None
        self.curl = pycurl.Curl()

    def aim(self, url: str, *, connect_seconds: float, anew: bool = True) -> None:
        """Vet an address of the web and point the handle at it.

        Args:
            url: where to.
            connect_seconds: how long a connection may take.
            anew: forget all other options. Where they need not be forgotten, because the next
                request sets the same ones, a handle that points there already is left as it is.

        Raises:
            OutboundError: when we do not connect there, or its name has no address.
        """
        target = vet(url, self._policy, self._resolve)
        if not anew and self._aimed == (target, connect_seconds):
            return
        self._point(target, connect_seconds=connect_seconds)
        self._aimed = (target, connect_seconds)
        for option, value in (
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        ):
            self.curl.setopt(option, value)

    def aim_mail(self, url: str, *, connect_seconds: float) -> None:
        """Vet a mail server's address and point the handle at it, as ``aim`` does.

        Raises:
            OutboundError: when we do not connect there, or its name has no address.
        """
        target = vet(url, self._policy, self._resolve, MAIL)
        self._point(target, connect_seconds=connect_seconds)
        self.curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_SMTP | pycurl.PROTO_SMTPS)

    def aim_files(self, url: str, *, connect_seconds: float) -> None:
        """Vet a file server's address and point the handle at it, as ``aim`` does.

        Raises:
            OutboundError: when we do not connect there, or its name has no address.
        """
        target = vet(url, self._policy, self._resolve, FILES)
        self._point(target, connect_seconds=connect_seconds)
        self.curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_SFTP)

    def _point(self, target: Target, *, connect_seconds: float) -> None:
        """Set what holds for every protocol: vetted addresses only, and TLS that is verified."""
        curl = self.curl
        curl.reset()  # options only: connections stay
        self._aimed = None
        self._allowed = frozenset(target.addresses)
        addresses = ",".join(str(a) for a in target.addresses)
        for option, value in (
            (pycurl.URL, target.url),
            # Connect to what was vetted; the name still goes into SNI, Host and the certificate.
            (pycurl.RESOLVE, [f"{target.host}:{target.port}:{addresses}"]),
            (pycurl.OPENSOCKETFUNCTION, self.open_socket),
            (pycurl.PROXY, ""),
            (pycurl.NOPROXY, "*"),
            (pycurl.SSL_VERIFYPEER, 1),
            (pycurl.SSL_VERIFYHOST, 2),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT_MS, max(1, int(connect_seconds * 1000))),
            (pycurl.TCP_NODELAY, 1),
        ):
            curl.setopt(option, value)
        if self._policy.ca_file is not None:
            curl.setopt(pycurl.CAINFO, self._policy.ca_file)

    def perform(self) -> pycurl.error | None:
        """Do the request; return what went wrong."""
        try:
            self.curl.perform()
        except pycurl.error as error:
            return error
        finally:
            # pycurl works on a duplicate; ours has done its part.
            while self._opened:
                self._opened.pop().close()
        return None

    def open_socket(self, _purpose: int, peer: Any) -> Any:
        """Last check before a connection: only what was vetted, whatever libcurl thought."""
        family, kind, protocol, address = peer
        host = address[0].decode() if isinstance(address[0], bytes) else address[0]
        found = read_address(str(host))
        if found is None or found not in self._allowed:
            return pycurl.SOCKET_BAD
        opened = socket.socket(family, kind, protocol)
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._opened.append(opened)
        return opened

    def close(self) -> None:
        """Close connections kept open."""
        self.curl.close()
