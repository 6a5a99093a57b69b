"""Two builds of delivery that go through the same faults: ours, and a task for each delivery."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.broker import Nudge, make_celery
from models.domain.delivery import TERMINAL
from tests.faults.naive.worker import make_app
from tests.support.leads import Leads, TestSchool, eventually
from tests.support.worker_process import worker

SETTLED = {status.value for status in TERMINAL}
# Looks without any change, fiftieths of a second apart: longer than any lease or wait of these.
_STUCK = 200


class Build(Protocol):
    """What a fault needs of a build."""

    @property
    def database_url(self) -> str:
        """Where whoever delivers finds the database."""
        ...

    def accept(self, school: TestSchool, *then: TestSchool) -> UUID:
        """Promise a delivery: commit it, then tell whoever delivers.

        With ``then``, only one destination may have the lead, and they are asked in this order.
        """
        ...

    def worker(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run whoever delivers."""
        ...

    def with_broker(self, url: str) -> "Build":
        """Have the same with another broker."""
        ...

    def with_database(self, url: str) -> "Build":
        """Have the same on another way to the database."""
        ...


@dataclass(frozen=True)
class Ours:
    """The database is the queue; the broker carries hints."""

    leads: Leads
    database_url: str
    broker_url: str

    def accept(self, school: TestSchool, *then: TestSchool) -> UUID:
        accepted = self.leads.delivery(school)
        self.leads.route(accepted, then)
        Nudge(make_celery(self.broker_url))()
        return accepted

    def worker(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        return worker(self.database_url, 1)

    def with_broker(self, url: str) -> "Build":
        return replace(self, broker_url=url)

    def with_database(self, url: str) -> "Build":
        return replace(self, database_url=url)


@dataclass(frozen=True)
class Naive:
    """The broker is the queue: ``task.delay()`` after the commit."""

    leads: Leads
    database_url: str
    broker_url: str

    def accept(self, school: TestSchool, *then: TestSchool) -> UUID:
        accepted = self.leads.delivery(school)
        self.leads.route(accepted, then)
        app = make_app(self.broker_url, self.database_url)
        # The student has been answered: whoever promises cannot take it back.
        with suppress(OperationalError, RedisError):
            app.tasks["naive.deliver"].delay(str(accepted))
        return accepted

    @contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        module = "tests.faults.naive.worker"
        command = [sys.executable, "-m", module, self.broker_url, self.database_url]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            assert any(line == b"ready\n" for line in process.stdout)
            try:
                yield process
            finally:
                process.kill()

    def with_broker(self, url: str) -> "Build":
        return replace(self, broker_url=url)

    def with_database(self, url: str) -> "Build":
        return replace(self, database_url=url)


def deliver(build: Build, leads: Leads) -> None:
    """Let a worker do what it can: until all is settled, or nothing has moved for a while."""
    with build.worker():
        looks: list[list[str]] = []

        def settled_or_stuck() -> bool:
            looks.append(sorted(leads.statuses()))
            stuck = len(looks) > _STUCK and looks[-_STUCK] == looks[-1]
            return stuck or set(looks[-1]) <= SETTLED

        eventually(settled_or_stuck, 60)
