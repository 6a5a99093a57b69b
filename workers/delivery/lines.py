"""What the drainer's threads share: the queues between them, and who is in flight."""

import threading
from dataclasses import dataclass, field
from queue import SimpleQueue

from workers.delivery.failpoints import Hit
from workers.delivery.floor import Floor
from workers.delivery.ports import Watch
from workers.delivery.preparing import Ready
from workers.delivery.settling import Sent


@dataclass(frozen=True, slots=True)
class Lines:
    """From claimer to senders (``ready``), from senders to finaliser (``sent``); None ends each.

    What was sent in one parcel comes as one list, and is written down together. A parcel takes one
    of ``unsettled`` before it leaves, and its outcome gives it back: a crash repeats no more.
    """

    floor: Floor
    unsettled: threading.Semaphore
    hit: Hit
    watch: Watch
    ready: SimpleQueue[Ready | None] = field(default_factory=SimpleQueue)
    sent: SimpleQueue[list[Sent] | None] = field(default_factory=SimpleQueue)
