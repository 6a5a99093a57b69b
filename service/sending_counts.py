"""How often something was sent lately: counted in Valkey, and in this process while it is away.

What is counted is named by a hash under a key of ours: no address and no student stands there.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import redis

from models.domain.clock import Clock
from service.figures import FALLBACKS
from service.services import Counted
from service.valkey import Script, connect

TIMEOUT = 0.05
# After a failure, how long to leave Valkey alone, so that not every visitor waits for it.
REST_SECONDS = 1.0
# So many are counted in this process; then what is over is swept out, and the oldest dropped.
_MOST_HERE = 10_000
_SWEEP_SECONDS = 60.0

_COUNT = """
local found = {}
for i, key in ipairs(KEYS) do
  found[i] = redis.call('INCR', key)
  if found[i] == 1 then redis.call('EXPIRE', key, ARGV[i]) end
end
return found
"""


class SendingCounts:
    """Counts in windows of a minute, an hour or a day that begin when the clock's do.

    Args:
        url: where Valkey is.
        secret: what names are hashed under.
        clock: says which window it is.
        ticks: measures how long Valkey is left alone.
    """

    def __init__(
        self, url: str, secret: bytes, clock: Clock, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._script = Script(connect(url, TIMEOUT), _COUNT)
        self._secret, self._clock, self._ticks = secret, clock, ticks
        self._rest_until = 0.0
        self._here: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._sweep_at = 0.0
        self._lock = threading.Lock()

    def count(self, things: Sequence[Counted]) -> Sequence[int]:
        """Count one more of each, and return how many of each there are in its window now."""
        now = self._clock.now().timestamp()
        keys = [self._key(one, now) for one in things]
        seconds = [one.seconds for one in things]
        if self._ticks() >= self._rest_until:
            try:
                found = self._script.answer(self._script.send(keys, seconds))
            except redis.RedisError:
                self._rest_until = self._ticks() + REST_SECONDS
            else:
                return [int(each) for each in found]
        FALLBACKS.labels("count").inc()
        with self._lock:
            return [self._count_here(*each, now) for each in zip(keys, seconds, strict=True)]

    def _key(self, one: Counted, now: float) -> str:
        window = int(now) // one.seconds
        named = hashlib.blake2s(one.name.encode(), key=self._secret[:32], digest_size=16)
        return f"sending:{one.seconds}:{window}:{named.hexdigest()}"

    def _count_here(self, key: str, seconds: int, now: float) -> int:
        _, before = self._here.get(key, (0.0, 0))
        if not before and len(self._here) >= _MOST_HERE:
            self._make_room(now)
        self._here[key] = (now + seconds, before + 1)
        return before + 1

    def _make_room(self, now: float) -> None:
        """Sweep out what is over, seldom enough to cost nothing; else drop what came first."""
        if now >= self._sweep_at:
            self._sweep_at = now + _SWEEP_SECONDS
            over = [name for name, (end, _) in self._here.items() if end <= now]
            for name in over:
                del self._here[name]
        if len(self._here) >= _MOST_HERE:
            self._here.popitem(last=False)
