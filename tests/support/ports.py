"""Ports for servers that are stopped and started again while others connect out."""

import random

from commands.up.ports import is_free

# Below what the system gives to connections going out (from 32768): a port chosen among those may
# be some connection's own by the time a server takes it again.
_FIRST, _LAST = 15_000, 32_000


def lasting_port() -> int:
    """Choose a port that nobody uses, nor the one after it."""
    while True:
        port = random.randrange(_FIRST, _LAST, 2)  # noqa: S311 - guards nothing
        if is_free("127.0.0.1", port) and is_free("127.0.0.1", port + 1):
            return port
