"""Guarded HTTP on libcurl: vetted addresses only, no redirects, no proxies, one total deadline.

One ``HttpClient`` belongs to one thread and keeps its connections open between requests.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pycurl

from models.outbound.errors import NoAnswerError
from models.outbound.guarded import GuardedCurl, reason_of
from models.outbound.resolving import Resolve
from models.outbound.targets import Policy

_MOST_HEADER_BYTES = 64 * 1024
# Receivers close idle connections after 5 s and more. One that closes just as it is used again may
# or may not have read the request, so it counts as no answer: use none that is as old.
_IDLE_SECONDS = 4


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
        self._limits = limits or Limits()
        self._monotonic = monotonic
        self._guarded = GuardedCurl(policy, resolve)

    @property
    def total_seconds(self) -> float:
        """How long one request may take, unless it is given less."""
        return self._limits.total_seconds

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> HttpAnswer:
        """POST bytes and read the answer.

        Args:
            url: where to.
            headers: as sent.
            body: as sent.
            seconds: what is left of the time for all requests of an attempt; None: all of it.

        Raises:
            OutboundError: when no answer came.
        """
        started = self._monotonic()
        # Most of what leaves goes where the last one went, and _prepare sets the same options.
        self._guarded.aim(url, connect_seconds=self._limits.connect_seconds, anew=False)
        total = self.total_seconds if seconds is None else min(seconds, self.total_seconds)
        left = total - (self._monotonic() - started)
        reading = _Reading(self._limits)
        self._prepare(headers, body, reading, left)
        return self._perform(reading)

    def get(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        """GET and read the answer.

        Args:
            url: where from.
            headers: as sent.

        Raises:
            OutboundError: when no answer came.
        """
        self._guarded.aim(url, connect_seconds=self._limits.connect_seconds)
        reading = _Reading(self._limits)
        for option, value in (
            (pycurl.HTTPGET, 1),
            (pycurl.TIMEOUT_MS, int(self.total_seconds * 1000)),
            (pycurl.MAXAGE_CONN, _IDLE_SECONDS),
            (pycurl.WRITEFUNCTION, reading.take_body),
            (pycurl.HEADERFUNCTION, reading.take_header),
            (pycurl.HTTPHEADER, [f"{k}: {v}" for k, v in headers.items()]),
        ):
            self._guarded.curl.setopt(option, value)
        return self._perform(reading)

    def close(self) -> None:
        """Close connections kept open."""
        self._guarded.close()

    def _prepare(
        self, headers: Mapping[str, str], body: bytes, reading: _Reading, seconds: float
    ) -> None:
        writing = _Writing(body)
        for option, value in (
            (pycurl.TIMEOUT_MS, max(1, int(seconds * 1000))),
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
            self._guarded.curl.setopt(option, value)

    def _perform(self, reading: _Reading) -> HttpAnswer:
        error = self._guarded.perform()
        code = int(self._guarded.curl.getinfo(pycurl.RESPONSE_CODE))
        # A status line is evidence of what the receiver did, even if the rest of it never came.
        if code < 200:
            raise NoAnswerError(reason_of(error) if error else "no_answer")
        return HttpAnswer(code, reading.headers, bytes(reading.body), complete=error is None)
