"""Names to addresses: once for each connection, with a deadline of our own.

``getaddrinfo`` cannot be interrupted, so it runs in a few threads beside the senders and is waited
for no longer than a sender may wait. A name is asked for by one of them at a time, so that one
whose servers are silent holds no more than that one.
"""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from ipaddress import ip_address

from models.outbound.addresses import Address
from models.outbound.errors import UnresolvedError

Resolve = Callable[[str, int], tuple[Address, ...]]

_KEPT_SECONDS = 5.0
_KEPT_NAMES = 1024


def ask_system(host: str, port: int) -> tuple[Address, ...]:
    """Ask the system's resolver for every address of a name.

    Raises:
        UnresolvedError: when there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnresolvedError from error
    # An IPv6 address may carry a zone after "%"; ip_address keeps it and the guard sees it.
    return tuple(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


class Resolver:
    """Resolves with a deadline and remembers answers for a few seconds; safe between threads."""

    def __init__(
        self,
        ask: Resolve = ask_system,
        *,
        threads: int = 32,
        deadline_seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolver")
        self._deadline = deadline_seconds
        self._monotonic = monotonic
        self._kept: dict[tuple[str, int], tuple[float, tuple[Address, ...]]] = {}
        self._asked: dict[tuple[str, int], Future[tuple[Address, ...]]] = {}
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int) -> tuple[Address, ...]:
        """Return every address of a name.

        Raises:
            UnresolvedError: when there is none, or none came in time.
        """
        with self._lock:
            kept = self._kept.get((host, port))
            if kept is not None and self._monotonic() < kept[0]:
                return kept[1]
            asked = self._asked.get((host, port))
            if asked is None:
                asked = self._pool.submit(self._look_up, host, port)
                self._asked[host, port] = asked
        try:
            addresses = asked.result(timeout=self._deadline)
        except WaitedTooLong as error:
            raise UnresolvedError("name_resolution_timeout") from error
        if not addresses:
            raise UnresolvedError
        return addresses

    def _look_up(self, host: str, port: int) -> tuple[Address, ...]:
        """Ask once for all who wait, and keep the answer even if none of them waits any more."""
        addresses: tuple[Address, ...] = ()
        try:
            addresses = self._ask(host, port)
        finally:
            with self._lock:
                del self._asked[host, port]
                if addresses:
                    if len(self._kept) >= _KEPT_NAMES:
                        self._kept.clear()
                    self._kept[host, port] = (self._monotonic() + _KEPT_SECONDS, addresses)
        return addresses

    def close(self) -> None:
        """Stop waiting for names."""
        self._pool.shutdown(wait=False, cancel_futures=True)
