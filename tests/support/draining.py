"""A drainer with the real client on this machine, for tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from models.domain.clock import SystemClock
from models.domain.delivery import RetrySchedule
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.sending import BatchWindow
from models.exchange.kinds import KINDS, Kind
from models.outbound.http import Limits
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from workers.delivery.drainer import Drainer
from workers.delivery.failpoints import Hit
from workers.delivery.options import Options
from workers.delivery.ports import Watch
from workers.kinds import open_clients
from workers.outbound.mail import MailOut

QUICK = RetrySchedule((timedelta(0), *[timedelta(seconds=0.05)] * 9))
# Leases of tests are shorter than a send may take.
OPTIONS = Options(
    senders=4,
    send_seconds=0,
    poll_seconds=0.05,
    sweep_seconds=0.1,
    stop_seconds=5,
    schedule=QUICK,
)


def brisk(seconds: float = 0.2, most: int = 500) -> Mapping[str, Kind]:
    """All kinds, with batches that wait for less long than real ones."""
    sftp = KINDS["sftp_csv"]
    assert sftp.batching is not None
    window = BatchWindow(seconds, most)
    return {**KINDS, "sftp_csv": replace(sftp, batching=replace(sftp.batching, window=window))}


BRISK = brisk()


@contextmanager
def draining(
    unit_of_work: UnitOfWorkFactory,
    *,
    hit: Hit | None = None,
    limits: Limits | None = None,
    policy: Policy | None = None,
    watch: Watch | None = None,
    mail: MailOut | None = None,
    kinds: Mapping[str, Kind] = BRISK,
    **options: Any,
) -> Iterator[Drainer]:
    """Run a drainer while the block lasts."""
    resolver = Resolver()
    allowed = policy or Policy(ports=None, file_ports=None, allow_loopback=True)

    clients = open_clients(allowed, resolver, SystemClock(), limits=limits, mail=mail)
    drainer = Drainer(
        unit_of_work, clients, kinds, replace(OPTIONS, **options), hit=hit, watch=watch
    )
    drainer.start()
    try:
        yield drainer
    finally:
        drainer.stop()
        resolver.close()
