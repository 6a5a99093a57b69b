"""Named points at which fault tests kill the process; inert unless a test sets one.

A failpoint is ``name`` or ``name:count``: the process dies by SIGKILL when it passes the point for
the count-th time, as if the machine had lost power there.
"""

import os
import signal
import threading
from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """Where a delivery worker can be made to die."""

    CLAIM_UNCOMMITTED = "claim_uncommitted"
    AFTER_CLAIM = "after_claim"
    ATTEMPT_ROW_UNCOMMITTED = "attempt_row_uncommitted"
    AFTER_ATTEMPT_ROW = "after_attempt_row"
    AFTER_SEND = "after_send"
    BEFORE_FINALISE = "before_finalise"
    FINALISE_UNCOMMITTED = "finalise_uncommitted"
    AFTER_FINALISE = "after_finalise"


Hit = Callable[[Failpoint], None]


def die() -> None:
    """Leave no time for anything, as a crash would."""
    os.kill(os.getpid(), signal.SIGKILL)


def make_failpoint(spec: str, kill: Callable[[], None] = die) -> Hit:
    """Make the hook for one setting.

    Raises:
        ValueError: when the point does not exist.
    """
    if not spec:
        return lambda _point: None
    name, _, times = spec.partition(":")
    armed = Failpoint(name)
    left = int(times or 1)
    lock = threading.Lock()

    def hit(point: Failpoint) -> None:
        nonlocal left
        if point is not armed:
            return
        with lock:
            left -= 1
            if left == 0:
                kill()

    return hit
