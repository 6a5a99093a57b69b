import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.sending import Swept
from workers.drainers import Beside, Told, share_senders


class Heard:
    def __init__(self) -> None:
        self.words: list[tuple[object, ...]] = []

    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        self.words.append((kind, purpose, outcome, latency_ms))

    def not_sent(self, reason: str) -> None:
        self.words.append((reason,))

    def swept(self, swept: Swept) -> None:
        self.words.append((swept.returned, swept.expired))


def _eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize(
    ("senders", "cores", "shares"),
    [(8, 1, [8]), (8, 2, [4, 4]), (8, 64, [4, 4]), (7, 2, [7]), (15, 4, [5, 5, 5]), (1, 2, [1])],
)
def test_each_core_has_a_process_while_each_process_has_four_senders(
    senders: int, cores: int, shares: list[int]
) -> None:
    assert share_senders(senders, cores) == shares


# It says what it hears, as an attempt's kind, then who it is, and ends when nobody speaks to it.
ECHO = """
import json, os, sys
def say(word):
    print(json.dumps(["attempted", word, "lead", "delivered", os.getpid()]), flush=True)
say("begun")
while heard := os.read(0, 1):
    say(heard.decode())
say("ended")
"""


def _kinds(heard: Heard) -> list[object]:
    return [word[0] for word in heard.words]


def test_a_process_beside_hears_its_worker_tells_what_it_did_and_ends_when_it_is_told_to() -> None:
    heard = Heard()
    beside = Beside([sys.executable, "-S", "-c", ECHO], heard)
    beside.start()
    assert _eventually(lambda: _kinds(heard) == ["begun"])
    beside.nudge()
    beside.stop_claiming()
    assert _eventually(lambda: _kinds(heard) == ["begun", "l", "c"])
    beside.tell_to_stop()
    beside.join(time.monotonic() + 30)
    assert _kinds(heard) == ["begun", "l", "c", "ended"]
    assert heard.words[0][1:3] == (Purpose.LEAD, DeliveryStatus.DELIVERED)


def test_a_process_beside_that_dies_is_started_again() -> None:
    heard = Heard()
    beside = Beside([sys.executable, "-S", "-c", ECHO], heard)
    beside.start()
    assert _eventually(lambda: _kinds(heard) == ["begun"])
    os.kill(int(str(heard.words[0][3])), signal.SIGKILL)
    assert _eventually(lambda: _kinds(heard) == ["begun", "begun"])
    beside.tell_to_stop()
    beside.join(time.monotonic() + 30)
    assert _kinds(heard)[-1] == "ended"


def test_a_process_beside_that_does_not_end_in_time_is_killed() -> None:
    heard = Heard()
    deaf = ECHO + "\nimport time\ntime.sleep(600)\n"
    beside = Beside([sys.executable, "-S", "-c", deaf], heard)
    beside.start()
    assert _eventually(lambda: _kinds(heard) == ["begun"])
    beside.tell_to_stop()
    assert _eventually(lambda: _kinds(heard) == ["begun", "ended"])
    beside.join(time.monotonic())
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(heard.words[0][3])), 0)


def test_what_a_drainer_tells_its_watcher_comes_through_the_pipe() -> None:
    lines: list[bytes] = []
    told = Told(lines.append)
    told.attempted("webhook", Purpose.CORRECTION, DeliveryStatus.PENDING, 7)
    told.not_sent("contact_budget")
    told.swept(Swept(0, 0, quarantined=True))  # found nothing: there is nothing to tell
    told.swept(Swept(2, 1, quarantined=False))
    assert lines == []
    told.tell()
    told.tell()
    heard = Heard()
    printing = f"import os; os.write(1, {b''.join(lines)!r}); os.read(0, 1)"
    beside = Beside([sys.executable, "-S", "-c", printing], heard)
    beside.start()
    assert _eventually(lambda: len(heard.words) == 3)
    beside.tell_to_stop()
    beside.join(time.monotonic() + 30)
    assert heard.words == [
        ("webhook", Purpose.CORRECTION, DeliveryStatus.PENDING, 7),
        ("contact_budget",),
        (2, 1),
    ]
