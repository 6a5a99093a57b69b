"""The workers' door: settings, database, keys, and both workers as Celery workers.

The drainers live in a worker bootstep: they start before the broker is connected and need no
broker at all; Celery only brings "look now" from the web. At SIGTERM claiming stops at once, and
the bootstep's stop finishes what is in flight.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from multiprocessing import RawValue
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
    FORGET_LOGS_TASK,
    FORGET_TASK,
    MAINTENANCE_QUEUE,
    NUDGE_TASK,
    PARTITIONS_TASK,
    SESSIONS_TASK,
    STATEMENTS_TASK,
    TRAINING_QUEUE,
    TRAINING_TASK,
    WATCH_TASK,
)
from config.settings import Settings, load_settings
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.partitions import drop_partitions, make_partitions
from models.db.training_turn import training_turn
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.tokens import TokenSigner
from models.outbound.resolving import Resolver
from models.proof.signing import Signer
from workers.drainers import Drainers, mail_out
from workers.figures import Figures, FiguresServer
from workers.maintenance.messages import send_messages
from workers.maintenance.receipts import Receipts
from workers.maintenance.recurring import Recurring
from workers.maintenance.retention import Forgetting
from workers.maintenance.sealing import seal
from workers.maintenance.sessions import sweep_sessions
from workers.maintenance.slate_log import RedisSlateStream, drain_slate_log
from workers.maintenance.statements import issue_statements
from workers.maintenance.ways_back import WaysBack
from workers.tasks import add_task
from workers.training.forgetting import forget_logs
from workers.training.retrain import Reading, Retraining, open_champion
from workers.training.turn import LONGEST, look
from workers.training.watching import watch_and_count

# A log of millions takes longer to sort than any page may take.
_LONGEST_READING_MS = 3_600_000


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
    # One connection each for the slate log, the sealer, a task, and who reads figures.
    engine = make_engine(settings.database_url, pool_size=4)
    keyring = Keyring(settings.master_keys, settings.index_key)
    figures = Figures(lambda: PostgresUnitOfWork(engine, keyring))
    drainers = Drainers(settings, figures)

    def partitions() -> None:
        with engine.begin() as connection:
            make_partitions(connection)

    def sessions() -> None:
        sweep_sessions(lambda: PostgresUnitOfWork(engine, keyring), SystemClock())

    def statements() -> None:
        issue_statements(lambda: PostgresUnitOfWork(engine, keyring), SystemClock())

    celery = make_celery(settings.redis_url)
    work = partial(PostgresUnitOfWork, engine, keyring)
    forgotten = (timedelta(days=settings.retention_days), timedelta(days=settings.search_days))
    forget = Forgetting(work, partial(drop_partitions, engine), SystemClock(), *forgotten)
    add_task(celery, FORGET_TASK, forget)
    add_task(celery, NUDGE_TASK, drainers.nudge)
    add_task(celery, PARTITIONS_TASK, partitions)
    add_task(celery, SESSIONS_TASK, sessions)
    add_task(celery, STATEMENTS_TASK, statements)
    celery.steps["worker"].add(_bootstep(drainers))
    celery.steps["worker"].add(_step_of("SlateLogStep", _slate_log(settings, engine, keyring)))
    celery.steps["worker"].add(_step_of("MessagesStep", _messages(settings, engine, keyring)))
    celery.steps["worker"].add(_step_of("ReceiptsStep", _receipts(settings, engine, keyring)))
    celery.steps["worker"].add(_step_of("SealerStep", _sealer(settings, engine, keyring)))
    ways = WaysBack(lambda: PostgresUnitOfWork(engine, keyring), settings.address, SystemClock())
    celery.steps["worker"].add(_step_of("WaysBackStep", Recurring("ways_back", ways.write, 2.0)))
    if settings.worker_metrics_port:
        server = FiguresServer(figures, settings.host, settings.worker_metrics_port)
        celery.steps["worker"].add(_step_of("FiguresStep", server))
    return celery


def run_training_worker() -> None:
    """Run a training worker until it is told to stop."""
    settings = load_settings()
    configure_logging(settings.log_level, "training")
    # Whoever waits for a page or a delivery comes first.
    os.nice(10)
    make_training_worker(settings).worker_main(
        [
            "worker",
            "--pool=prefork",
            "--concurrency=1",
            # What training needs of memory goes with the child that trained.
            "--max-tasks-per-child=1",
            f"--queues={TRAINING_QUEUE}",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def make_training_worker(settings: Settings) -> Celery:
    """Wire a training worker; each task opens what it needs, in the child that it runs in."""
    stopping = RawValue("b", 0)
    celery = make_celery(settings.redis_url)
    late = {
        # A message comes again when its child died; the run's attempts say when to give up.
        "acks_late": True,
        "reject_on_worker_lost": True,
        # The run ends itself before; this ends one that hangs where nobody listens.
        "time_limit": (LONGEST + timedelta(minutes=10)).total_seconds(),
    }
    every = timedelta(hours=settings.retrain_hours) if settings.retrain_hours else None
    window, memory = timedelta(days=settings.attribution_days), settings.training_memory_mib
    reading = Reading(window, memory, settings.dask_scheduler)

    def in_child(work: Callable[[Engine, UnitOfWorkFactory], object]) -> Callable[[], None]:
        """Open the database in the child that runs a task, and close it after."""

        def run() -> None:
            engine = make_engine(
                settings.database_url, pool_size=3, statement_timeout_ms=_LONGEST_READING_MS
            )
            keyring = Keyring(settings.master_keys, settings.index_key)
            try:
                work(engine, lambda: PostgresUnitOfWork(engine, keyring))
            finally:
                engine.dispose()

        return run

    def train(engine: Engine, unit_of_work: UnitOfWorkFactory) -> None:
        clock, key = SystemClock(), settings.ranker_key
        retraining = Retraining(settings.store, key, unit_of_work, clock, reading)
        alone = partial(training_turn, engine)
        look(retraining.workshop(alone, lambda: bool(stopping.value)), every)

    add_task(celery, TRAINING_TASK, in_child(train), **late)
    ranker = partial(open_champion, settings.store, settings.ranker_key)
    watch = in_child(lambda _, work: watch_and_count(work, SystemClock(), ranker))
    add_task(celery, WATCH_TASK, watch)
    forget = partial(forget_logs, settings.store, timedelta(days=settings.imported_log_days))
    add_task(celery, FORGET_LOGS_TASK, in_child(lambda _, work: forget(work, SystemClock())))
    celery.steps["worker"].add(_when_told_to_stop(partial(setattr, stopping, "value", 1)))
    return celery


def _slate_log(settings: Settings, engine: Engine, keyring: Keyring) -> Recurring:
    """Move what was served from Valkey's stream to PostgreSQL, each second."""
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=5, socket_connect_timeout=2, socket_keepalive=True
    )
    stream = RedisSlateStream(client, f"worker-{uuid4().hex}")
    return Recurring(
        "slate-log", lambda: drain_slate_log(stream, lambda: PostgresUnitOfWork(engine, keyring))
    )


def _messages(settings: Settings, engine: Engine, keyring: Keyring) -> Recurring:
    """Send mail to students, each second."""
    mail, resolver = mail_out(settings), Resolver(threads=1)
    return Recurring(
        "messages",
        lambda: send_messages(
            lambda: PostgresUnitOfWork(engine, keyring), lambda: mail.opened(resolver, None)
        ),
    )


def _receipts(settings: Settings, engine: Engine, keyring: Keyring) -> Recurring:
    """Write receipts for students, every few seconds."""
    receipts = Receipts(
        lambda: PostgresUnitOfWork(engine, keyring),
        TokenSigner(settings.token_key),
        settings.address,
        SystemClock(),
    )
    return Recurring("receipts", receipts.write, seconds=5.0)


def _sealer(settings: Settings, engine: Engine, keyring: Keyring) -> Recurring:
    """Give consents and audit rows their places in their chains, twice a second."""
    signers = [Signer(name, seed) for name, seed in settings.chain_keys.items()]
    return Recurring(
        "sealer",
        lambda: seal(lambda: PostgresUnitOfWork(engine, keyring), signers, SystemClock()),
        seconds=0.5,
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


def _when_told_to_stop(tell: Callable[[], None]) -> type[Any]:
    """Pass on the first word of a worker's end, which its children are not told."""

    class TellStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
        """Listens for as long as the worker lives."""

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            # Kept here: Celery's signals hold their receivers weakly.
            self.tell: Callable[..., None] = lambda **_: tell()
            worker_shutting_down.connect(self.tell)

    return TellStep


def _bootstep(drainers: Drainers) -> type[Any]:
    """Tie the drainers' life to the worker's, and their claiming to the first word of the end."""

    class DrainerStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
        """Starts before the consumer looks for the broker; stops with the worker."""

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            # Kept here: Celery's signals hold their receivers weakly.
            self.stop_claiming: Callable[..., None] = lambda **_: drainers.stop_claiming()
            worker_shutting_down.connect(self.stop_claiming)

        def start(self, _worker: Any) -> None:
            drainers.start()

        def stop(self, _worker: Any) -> None:
            drainers.stop()

        terminate = stop

    return DrainerStep
