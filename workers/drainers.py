"""The drainers of one delivery worker: one in its own process, the others in processes beside it.

An interpreter computes on one core at a time. So where a machine has more, a worker's senders are
shared among several processes, each with a drainer of its own. They know nothing of each other and
meet in the database, as workers do. Those beside are told when to look and when to stop through a
pipe, tell what they did through another, and die with the worker.

python -m workers.drainers SENDERS        the process beside; started by a worker only
"""

import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog

from config.logging import configure_logging
from config.settings import Settings, load_settings
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from models.domain.consent import Channel
from models.domain.contact_budget import ContactLimit
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.sending import Swept
from models.exchange.kinds import KINDS
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from workers.delivery.drainer import Drainer
from workers.delivery.options import Options
from workers.delivery.ports import Watch
from workers.kinds import open_clients
from workers.outbound.mail import Mailbox, MailOut, read_relay

_log = structlog.get_logger(__name__)
# Fewer senders than these are not worth an interpreter of their own.
_FEWEST_SENDERS = 4
_LOOK, _CLAIM_NO_MORE = b"l", b"c"
# How often a process beside tells what it did, and how much it remembers until then.
_TOLD_EVERY, _MOST_UNTOLD = 0.5, 10_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_PR_SET_PDEATHSIG = 1


def share_senders(senders: int, cores: int) -> list[int]:
    """Share senders among as many processes as there are cores, while each has enough of them."""
    processes = max(1, min(cores, senders // _FEWEST_SENDERS))
    return [senders // processes + (n < senders % processes) for n in range(processes)]


def make_drainer(settings: Settings, senders: int, watch: Watch) -> Drainer:
    """Wire one drainer; nothing is connected before it starts."""
    # One connection each for claimer and finaliser. Their name says who holds a lease.
    name = f"schoolmatch-drainer-{uuid4().hex}"
    engine = make_engine(settings.database_url, pool_size=2, ping=False, name=name)
    keyring = Keyring(settings.master_keys, settings.index_key)
    policy = Policy(
        ports=settings.destination_ports,
        file_ports=settings.sftp_ports,
        allow_loopback=settings.allow_loopback,
    )
    return Drainer(
        lambda: PostgresUnitOfWork(engine, keyring),
        open_clients(policy, Resolver(), SystemClock(), mail=mail_out(settings)),
        KINDS,
        Options(
            senders=senders,
            lease=timedelta(seconds=settings.lease_seconds),
            contact_budget=tuple(
                ContactLimit(Channel(channel), schools, hours)
                for channel, schools, hours in settings.contact_budget
            ),
        ),
        watch=watch,
    )


def mail_out(settings: Settings) -> MailOut:
    """Say how mail leaves: to the operator's relay, else into the mailbox, else it waits."""
    sender = settings.mail_from
    if settings.smtp_url:
        return MailOut(relay=read_relay(settings.smtp_url, sender))
    return MailOut(mailbox=Mailbox(settings.mailbox, sender) if settings.mailbox else None)


class Drainers:
    """All drainers of a worker, started and stopped as one."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        own, *others = share_senders(settings.senders, len(os.sched_getaffinity(0)))
        self._own = make_drainer(settings, own, watch)
        self._beside = [Beside(_command(senders), watch) for senders in others]
        self._seconds = Options().stop_seconds

    def start(self) -> None:
        """Begin; returns at once."""
        _collect_seldom()
        self._own.start()
        for beside in self._beside:
            beside.start()

    def nudge(self) -> None:
        """Look for due deliveries now, without waiting for the next poll."""
        self._own.nudge()
        for beside in self._beside:
            beside.nudge()

    def stop_claiming(self) -> None:
        """Claim nothing more; a signal's handler may call it."""
        self._own.stop_claiming()
        for beside in self._beside:
            beside.stop_claiming()

    def stop(self) -> None:
        """Claim nothing more, finish what is in flight, release what was not started."""
        until = time.monotonic() + self._seconds
        for beside in self._beside:
            beside.tell_to_stop()
        self._own.stop()
        for beside in self._beside:
            beside.join(until)


def _command(senders: int) -> list[str]:
    return [sys.executable, "-m", "workers.drainers", str(senders)]


class Beside:
    """A drainer's process beside the worker's own; started again when it dies."""

    def __init__(self, command: list[str], watch: Watch) -> None:
        self._command = command
        self._watch = watch
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        # The kernel ties the process to the life of the thread that started it.
        self._keeping = threading.Thread(target=self._keep, name="drainer-beside", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._keeping.start()

    def nudge(self) -> None:
        """Let it look for due deliveries now."""
        self._say(_LOOK)

    def stop_claiming(self) -> None:
        """Let it claim nothing more."""
        self._say(_CLAIM_NO_MORE)

    def tell_to_stop(self) -> None:
        """Let it finish what it has in flight, and end; returns at once."""
        self._stopping.set()
        self._hang_up()

    def join(self, until: float) -> None:
        """Wait for its end until that moment (monotonic); one that takes longer is killed."""
        if self._keeping.is_alive():
            self._keeping.join(max(until - time.monotonic(), 0))
        if self._keeping.is_alive() and self._process is not None:
            self._process.kill()
            self._keeping.join(1)

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            started = time.monotonic()
            with subprocess.Popen(  # noqa: S603 - our own module, no shell
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as process:
                os.set_blocking(process.stdin.fileno(), False)  # type: ignore[union-attr]
                self._process = process
                if self._stopping.is_set():
                    self._hang_up()
                for line in process.stdout or ():
                    _retell(line, self._watch)
            if self._stopping.is_set():
                return
            _log.warning("drainer_died", code=process.returncode)
            lived = time.monotonic() - started
            pause = _FIRST_PAUSE if lived > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            self._stopping.wait(pause)

    def _say(self, word: bytes) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            # One that died is started again, one that has not read for long knows already.
            with suppress(OSError, ValueError):
                os.write(process.stdin.fileno(), word)

    def _hang_up(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()


class Told:
    """Remembers what a drainer did until it is told to whoever watches, once in a while."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._untold: deque[tuple[Any, ...]] = deque(maxlen=_MOST_UNTOLD)

    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        """Remember an attempt."""
        self._untold.append(("attempted", kind, purpose, outcome, latency_ms))

    def not_sent(self, reason: str) -> None:
        """Remember a delivery that was not sent."""
        self._untold.append(("not_sent", reason))

    def swept(self, swept: Swept) -> None:
        """Remember a sweep that found something."""
        if swept.returned or swept.expired:
            self._untold.append(("swept", swept.returned, swept.expired))

    def tell(self) -> None:
        """Write down what was remembered, a line of JSON each."""
        while self._untold:
            self._write(json.dumps(self._untold.popleft()).encode() + b"\n")


def _retell(line: bytes, watch: Watch) -> None:
    """Tell the watcher what a process beside said."""
    what, *rest = json.loads(line)
    if what == "attempted":
        kind, purpose, outcome, latency_ms = rest
        watch.attempted(kind, Purpose(purpose), DeliveryStatus(outcome), latency_ms)
    elif what == "not_sent":
        watch.not_sent(*rest)
    elif what == "swept":
        returned, expired = rest
        watch.swept(Swept(returned, expired, quarantined=False))


def _collect_seldom() -> None:
    """Look for cycles of garbage thirty times less often: a drainer makes none.

    It makes thousands of small objects a claim, all alive together, and the collector went over
    them again and again: a sixth of what opening and rendering took.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def run_beside(senders: int) -> None:
    """Drain until the worker hangs up."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The worker says when to end; a terminal's Ctrl-C reaches everyone.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    settings = load_settings()
    configure_logging(settings.log_level, "delivery")
    told = Told(sys.stdout.buffer.write)
    drainer = make_drainer(settings, senders, told)
    _collect_seldom()
    drainer.start()
    heard = _LOOK
    while heard:
        if _CLAIM_NO_MORE in heard:
            drainer.stop_claiming()
        else:
            drainer.nudge()
        while not select.select([0], [], [], _TOLD_EVERY)[0]:
            told.tell()
            sys.stdout.flush()
        heard = os.read(0, 4096)
    drainer.stop()
    told.tell()
    sys.stdout.flush()


if __name__ == "__main__":
    run_beside(int(sys.argv[1]))
