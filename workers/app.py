"""The workers' door: settings, database, keys, and the delivery worker as a Celery worker.

The drainer lives in a worker bootstep: it starts before the broker is connected and needs no
broker at all; Celery only brings "look now" from the web. At SIGTERM claiming stops at once, and
the bootstep's stop finishes what is in flight.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import uuid4

import redis
from celery import Celery, bootsteps
from celery.signals import worker_shutting_down
from sqlalchemy import Engine

from config.broker import make_celery
from config.logging import configure_logging
from config.queues import (
    DELIVERY_QUEUE,
    MAINTENANCE_QUEUE,
    NUDGE_TASK,
    PARTITIONS_TASK,
    SESSIONS_TASK,
)
from config.settings import Settings, load_settings
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.partitions import make_partitions
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from models.exchange.kinds import KINDS
from workers.delivery.drainer import Drainer
from workers.delivery.options import Options
from workers.figures import Figures, FiguresServer
from workers.kinds import open_clients
from workers.maintenance.recurring import Recurring
from workers.maintenance.sessions import sweep_sessions
from workers.maintenance.slate_log import RedisSlateStream, drain_slate_log
from workers.outbound.mail import Mailbox, MailOut, read_relay
from workers.outbound.resolving import Resolver
from workers.outbound.targets import Policy
from workers.tasks import add_task


def run_delivery_worker() -> None:
    """Run a delivery worker until it is told to stop."""
    settings = load_settings()
    configure_logging(settings.log_level, "delivery")
    make_delivery_worker(settings).worker_main(
        [
            "worker",
            "--pool=threads",
            "--concurrency=1",
            f"--queues={DELIVERY_QUEUE},{MAINTENANCE_QUEUE}",
            f"--loglevel={settings.log_level}",
            # Workers are strangers to each other: they meet in the database.
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def make_delivery_worker(settings: Settings) -> Celery:
    """Wire a delivery worker; nothing is connected before it starts."""
    # One connection each for claimer and finaliser; for slate log, a task, and who reads figures.
    draining = make_engine(settings.database_url, pool_size=2, ping=False)
    engine = make_engine(settings.database_url, pool_size=3)
    keyring = Keyring(settings.master_keys, settings.index_key)
    figures = Figures(lambda: PostgresUnitOfWork(engine, keyring))
    drainer = Drainer(
        lambda: PostgresUnitOfWork(draining, keyring),
        open_clients(
            Policy(
                ports=settings.destination_ports,
                file_ports=settings.sftp_ports,
                allow_loopback=settings.allow_loopback,
            ),
            Resolver(),
            SystemClock(),
            mail=_mail_out(settings),
        ),
        KINDS,
        Options(senders=settings.senders, lease=timedelta(seconds=settings.lease_seconds)),
        watch=figures,
    )

    def partitions() -> None:
        with engine.begin() as connection:
            make_partitions(connection)

    def sessions() -> None:
        sweep_sessions(lambda: PostgresUnitOfWork(engine, keyring), SystemClock())

    celery = make_celery(settings.redis_url)
    add_task(celery, NUDGE_TASK, drainer.nudge)
    add_task(celery, PARTITIONS_TASK, partitions)
    add_task(celery, SESSIONS_TASK, sessions)
    celery.steps["worker"].add(_bootstep(drainer))
    celery.steps["worker"].add(_step_of("SlateLogStep", _slate_log(settings, engine, keyring)))
    if settings.worker_metrics_port:
        server = FiguresServer(figures, settings.host, settings.worker_metrics_port)
        celery.steps["worker"].add(_step_of("FiguresStep", server))
    return celery


def _mail_out(settings: Settings) -> MailOut:
    """Say how mail leaves: to the operator's relay, else into the mailbox, else it waits."""
    sender = settings.mail_from
    if settings.smtp_url:
        return MailOut(relay=read_relay(settings.smtp_url, sender))
    return MailOut(mailbox=Mailbox(settings.mailbox, sender) if settings.mailbox else None)


def _slate_log(settings: Settings, engine: Engine, keyring: Keyring) -> Recurring:
    """Move what was served from Valkey's stream to PostgreSQL, each second."""
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=5, socket_connect_timeout=2, socket_keepalive=True
    )
    stream = RedisSlateStream(client, f"worker-{uuid4().hex}")
    return Recurring(
        "slate-log", lambda: drain_slate_log(stream, lambda: PostgresUnitOfWork(engine, keyring))
    )


class Startable(Protocol):
    """Something with a life of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...


def _step_of(name: str, part: Startable) -> type[Any]:
    """Tie a part's life to the worker's."""

    def start(_self: Any, _worker: Any) -> None:
        part.start()

    def stop(_self: Any, _worker: Any) -> None:
        part.stop()

    return type(name, (bootsteps.StartStopStep,), {"start": start, "stop": stop, "terminate": stop})


def _bootstep(drainer: Drainer) -> type[Any]:
    """Tie the drainer's life to the worker's, and its claiming to the first word of the end."""

    class DrainerStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
        """Starts before the consumer looks for the broker; stops with the worker."""

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            # Kept here: Celery's signals hold their receivers weakly.
            self.stop_claiming: Callable[..., None] = lambda **_: drainer.stop_claiming()
            worker_shutting_down.connect(self.stop_claiming)

        def start(self, _worker: Any) -> None:
            drainer.start()

        def stop(self, _worker: Any) -> None:
            drainer.stop()

        terminate = stop

    return DrainerStep
