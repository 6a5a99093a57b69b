"""Guarded HTTP on libcurl: vetted addresses only, no redirects, no proxies, one total deadline.

One ``HttpClient`` belongs to one thread and keeps its connections open between requests.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pycurl

from workers.outbound.addresses import Address, read_address
from workers.outbound.errors import NoAnswerError
from workers.outbound.resolving import Resolve
from workers.outbound.targets import Policy, Target, vet

_MOST_HEADER_BYTES = 64 * 1024
# Receivers close idle connections after 5 s and more. One that closes just as it is used again may
# or may not have read the request, so it counts as no answer: use none that is as old.
_IDLE_SECONDS = 4
_REASONS = {
    pycurl.E_COULDNT_CONNECT: "connection_refused",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls_not_verified",
    pycurl.E_SSL_CONNECT_ERROR: "tls_failed",
    pycurl.E_GOT_NOTHING: "closed_without_answer",
    pycurl.E_SEND_FAIL_REWIND: "closed_without_answer",  # see _Writing
    pycurl.E_RECV_ERROR: "connection_reset",
    pycurl.E_SEND_ERROR: "connection_reset",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: ``total`` covers name, connection, TLS, body and answer."""

    total_seconds: float = 25.0
    connect_seconds: float = 10.0
    answer_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a stranger answered; ``complete`` is False when it broke off or went on too long."""

    code: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True


@dataclass(slots=True)
class _Reading:
    """Collects an answer as libcurl hands it over, up to the limits."""

    limits: Limits
    body: bytearray = field(default_factory=bytearray)
    headers: dict[str, str] = field(default_factory=dict)
    header_bytes: int = 0

    def take_body(self, part: bytes) -> int:
        room = self.limits.answer_bytes - len(self.body)
        self.body += part[:room]
        # Any other number than the part's length makes libcurl hang up.
        return len(part) if len(part) <= room else 0

    def take_header(self, line: bytes) -> int:
        self.header_bytes += len(line)
        if self.header_bytes > _MOST_HEADER_BYTES:
            return 0
        if line.startswith(b"HTTP/"):
            self.headers.clear()  # a 100 Continue came first
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            self.headers[name.strip().lower()] = value.strip()
        return len(line)


class _Writing:
    """Hands a body to libcurl once.

    When a kept connection closes without an answer, libcurl writes the request again on a new one,
    by itself. The receiver may have read the first: whether to try again is for the ledger, which
    writes an attempt's row first. So a body of which libcurl has taken anything is not rewound.
    """

    def __init__(self, body: bytes) -> None:
        self._left = memoryview(body)

    def give(self, most: int) -> bytes:
        part, self._left = self._left[:most], self._left[most:]
        return bytes(part)

    def rewind(self, _offset: int, _origin: int) -> int:
        return int(pycurl.SEEKFUNC_FAIL)


class HttpClient:
    """Sends one request at a time; for one thread."""

    def __init__(
        self,
        policy: Policy,
        resolve: Resolve,
        *,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._limits = limits or Limits()
        self._monotonic = monotonic
        self._curl = pycurl.Curl()
        self._allowed: frozenset[Address] = frozenset()
        self._opened: list[socket.socket] = []

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """POST bytes and read the answer.

        Raises:
            OutboundError: when no answer came.
        """
        started = self._monotonic()
        target = vet(url, self._policy, self._resolve)
        left = self._limits.total_seconds - (self._monotonic() - started)
        reading = _Reading(self._limits)
        self._prepare(target, headers, body, reading, left)
        return self._perform(reading)

    def close(self) -> None:
        """Close connections kept open."""
        self._curl.close()

    def _prepare(
        self,
        target: Target,
        headers: Mapping[str, str],
        body: bytes,
        reading: _Reading,
        seconds: float,
    ) -> None:
        curl = self._curl
        writing = _Writing(body)
        curl.reset()  # options only: connections stay
        self._allowed = frozenset(target.addresses)
        addresses = ",".join(str(a) for a in target.addresses)
        for option, value in (
            (pycurl.URL, target.url),
            # Connect to what was vetted; the name still goes into SNI, Host and the certificate.
            (pycurl.RESOLVE, [f"{target.host}:{target.port}:{addresses}"]),
            (pycurl.OPENSOCKETFUNCTION, self._open_socket),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),
            (pycurl.NOPROXY, "*"),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.SSL_VERIFYPEER, 1),
            (pycurl.SSL_VERIFYHOST, 2),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
            (pycurl.NOSIGNAL, 1),
            (pycurl.TIMEOUT_MS, max(1, int(seconds * 1000))),
            (pycurl.CONNECTTIMEOUT_MS, max(1, int(self._limits.connect_seconds * 1000))),
            (pycurl.TCP_NODELAY, 1),
            (pycurl.POST, 1),
            (pycurl.POSTFIELDSIZE, len(body)),
            (pycurl.READFUNCTION, writing.give),
            (pycurl.SEEKFUNCTION, writing.rewind),
            # Nothing is taken of an empty body; what is new is not written to twice.
            (pycurl.FRESH_CONNECT, 0 if body else 1),
            (pycurl.MAXAGE_CONN, _IDLE_SECONDS),
            (pycurl.WRITEFUNCTION, reading.take_body),
            (pycurl.HEADERFUNCTION, reading.take_header),
            # Without "Expect:" libcurl would wait a second for a 100 Continue on larger bodies.
            (pycurl.HTTPHEADER, [f"{k}: {v}" for k, v in headers.items()] + ["Expect:"]),
        ):
            curl.setopt(option, value)
        if self._policy.ca_file is not None:
            curl.setopt(pycurl.CAINFO, self._policy.ca_file)

    def _perform(self, reading: _Reading) -> HttpAnswer:
        complete = True
        reason = "no_answer"
        try:
            self._curl.perform()
        except pycurl.error as error:
            complete = False
            reason = _REASONS.get(error.args[0], f"curl_{error.args[0]}")
        finally:
            # pycurl works on a duplicate; ours has done its part.
            while self._opened:
                self._opened.pop().close()
        code = int(self._curl.getinfo(pycurl.RESPONSE_CODE))
        # A status line is evidence of what the receiver did, even if the rest of it never came.
        if code < 200:
            raise NoAnswerError(reason)
        return HttpAnswer(code, reading.headers, bytes(reading.body), complete)

    def _open_socket(self, _purpose: int, peer: Any) -> Any:
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
