"""Slates in Valkey: one call counts the caller, stores the slate and appends it to the log.

A writer in the workers moves the log stream to PostgreSQL in batches. When Valkey does not answer
in 50 ms the slate goes to PostgreSQL directly and the caller is counted in this process. Readers
look in Valkey, then in PostgreSQL; what only Valkey may have they wait for a second, as nobody
else can answer.
"""

import hashlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from uuid import UUID

import orjson
import redis

from models.domain.clock import Clock
from models.domain.errors import RateLimitError, UnavailableError
from models.domain.ids import stamp_of
from models.domain.matching import Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import (
    SLATE_KEY,
    SLATE_STREAM,
    PageRecord,
    log_entry,
    read_slate,
)
from service.figures import FALLBACKS
from service.valkey import Script, Sent, connect

# Seconds: where another way is open, and where there is none.
TIMEOUT = 0.05
PATIENCE = 1.0
# As long as a consent text offered with a slate holds; PostgreSQL keeps it after that.
KEPT_SECONDS = 24 * 3600
# After a failure, how long to leave Valkey alone, so that not every visitor waits for it.
REST_SECONDS = 1.0
WINDOW = 60
# Addresses of the last minute whose counters are known by name: who looks at one page looks at two.
MOST_COUNTERS = 1024

# One script, so that a caller over the limit stores nothing and no second call is needed. The slate
# is sent once: it stands in its entry, at ARGV[2] to ARGV[3]; nowhere when it is kept already.
_KEEP = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('EXPIRE', KEYS[1], 120) end
if used > tonumber(ARGV[1]) then return 0 end
local first, last = tonumber(ARGV[2]), tonumber(ARGV[3])
if last >= first then
  redis.call('SET', KEYS[2], string.sub(ARGV[5], first, last), 'EX', ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'entry', ARGV[5])
end
return 1
"""


class SlateCache:
    """Keeps slates in Valkey and, when it is away, in PostgreSQL."""

    def __init__(
        self,
        url: str,
        unit_of_work: UnitOfWorkFactory,
        clock: Clock,
        *,
        per_minute: int,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = connect(url, TIMEOUT)
        self._patient = connect(url, PATIENCE)
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._per_minute = per_minute
        self._ticks = ticks
        self._rest_until = 0.0
        self._script = Script(self._client, _KEEP)
        self._local = LocalCounter()

    @contextmanager
    def keeping(self, slate: Slate, page: PageRecord, *, new: bool, address: str) -> Iterator[None]:
        """Store a slate and a page as served, while they are drawn.

        Valkey works in a process of its own: by the time a page is drawn it has answered. Nothing
        may be answered before the block is left.

        Raises:
            RateLimitError: when the address asked too much; nothing is stored then.
            UnavailableError: when neither Valkey nor PostgreSQL keeps it.
        """
        document = orjson.dumps(slate)
        entry = log_entry(document, orjson.dumps(page))
        sent = self._send(SLATE_KEY + slate.id.hex, document if new else b"", entry, address)
        try:
            yield
        finally:
            if not self._admitted(sent):
                self._admit_here(address)
                with self._unit_of_work() as work:
                    work.slates.add([(slate, page)])

    def find(self, slate_id: UUID) -> Slate | None:
        """Return a slate that was served, or None when it is not known or has ended.

        Raises:
            UnavailableError: when only Valkey, which is away, may have it.
        """
        asked = False
        if self._resting():
            FALLBACKS.labels("find").inc()
        else:
            try:
                kept = self._client.get(SLATE_KEY + slate_id.hex)
            except redis.RedisError:
                self._rest("find")
            else:
                asked = True
                if isinstance(kept, bytes):
                    return read_slate(orjson.loads(kept))
        with self._unit_of_work() as work:
            found = work.slates.get(slate_id)
        if found is None and not asked and self._may_be_in_valkey(slate_id):
            return self._find_patiently(slate_id)
        return found

    def _find_patiently(self, slate_id: UUID) -> Slate | None:
        try:
            kept = self._patient.get(SLATE_KEY + slate_id.hex)
        except redis.RedisError as error:
            raise UnavailableError("the store of recent results", retry_after=2) from error
        return read_slate(orjson.loads(kept)) if isinstance(kept, bytes) else None

    def admit(self, address: str) -> None:
        """Count a request that serves no slate.

        Raises:
            RateLimitError: when the address asked too much.
        """
        if not self._admitted(self._send("", b"", b"", address)):
            self._admit_here(address)

    def answers(self) -> bool:
        """Tell whether Valkey answers now."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def _send(self, key: str, stored: bytes, entry: bytes, address: str) -> Sent | None:
        """Ask Valkey to run the script; None when it is away."""
        if self._resting():
            FALLBACKS.labels("keep").inc()
            return None
        keys = (self._counter(address), key, SLATE_STREAM)
        start = entry.index(stored)
        place = (start + 1, start + len(stored))
        try:
            return self._script.send(keys, (self._per_minute, *place, KEPT_SECONDS, entry))
        except redis.RedisError:
            self._rest("keep")
            return None

    def _admitted(self, sent: Sent | None) -> bool:
        """Wait for Valkey; False when it is away, and the caller is counted by nobody yet."""
        if sent is None:
            return False
        try:
            admitted = self._script.answer(sent)
        except redis.RedisError:
            self._rest("keep")
            return False
        if not admitted:
            raise RateLimitError(self._left())
        return True

    def _admit_here(self, address: str) -> None:
        if self._local.count(self._counter(address)) > self._per_minute:
            raise RateLimitError(self._left())

    def _counter(self, address: str) -> str:
        """Name the window of an address; the address itself stays out of the cache."""
        return counter_of(int(self._clock.now().timestamp()) // WINDOW, address)

    def _left(self) -> int:
        return WINDOW - int(self._clock.now().timestamp()) % WINDOW

    def _may_be_in_valkey(self, slate_id: UUID) -> bool:
        age = self._clock.now().timestamp() - stamp_of(slate_id)
        return -WINDOW < age < KEPT_SECONDS

    def _resting(self) -> bool:
        return self._ticks() < self._rest_until

    def _rest(self, call: str) -> None:
        self._rest_until = self._ticks() + REST_SECONDS
        FALLBACKS.labels(call).inc()


@lru_cache(MOST_COUNTERS)
def counter_of(minute: int, address: str) -> str:
    """Name the counter of an address in a minute, counted from 1970."""
    named = f"{minute}\0{counted_as(address)}".encode()
    digest = hashlib.blake2s(named, digest_size=12).hexdigest()
    return f"rate:{minute}:{digest}"


def counted_as(address: str) -> str:
    """Name whom an address belongs to: of IPv6 a subscriber has all of a /64 network."""
    try:
        return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, address))
    except (OSError, ValueError):
        pass  # not IPv4, which most are and which the system reads in no time
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    mapped = read.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.IPv6Network((read, 64), strict=False))


class LocalCounter:
    """Counts in this process while Valkey is away; forgets all when a minute ends."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._minute = ""
        self._lock = threading.Lock()

    def count(self, counter: str) -> int:
        """Count one more and return how many there are now."""
        minute = counter.split(":")[1]
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[counter] = self._counts.get(counter, 0) + 1
            return self._counts[counter]
