"""Beat: what recurs. Due deliveries are not here: their times live in the database."""

from celery import Celery

from config.broker import make_celery
from config.logging import configure_logging
from config.queues import (
    FORGET_LOGS_TASK,
    FORGET_TASK,
    NUDGE_TASK,
    PARTITIONS_TASK,
    SESSIONS_TASK,
    STATEMENTS_TASK,
    TRAINING_TASK,
    WATCH_TASK,
)
from config.settings import load_settings

# Seconds. Every entry may be missed or doubled without harm, so the schedule keeps no file.
ENTRIES = {
    # Workers look by themselves each second; this wakes one whose poll was lost to a bug or a
    # suspended machine.
    "look-for-due-deliveries": {"task": NUDGE_TASK, "schedule": 60.0, "options": {"expires": 30}},
    # Finds a run that waits or was left by a dead worker, and asks for one when it is due.
    "look-for-training": {"task": TRAINING_TASK, "schedule": 60.0, "options": {"expires": 50}},
    "forget-logs": {"task": FORGET_LOGS_TASK, "schedule": 3600.0, "options": {"expires": 3000}},
    "forget-by-age": {"task": FORGET_TASK, "schedule": 3600.0, "options": {"expires": 3000}},
    "watch-champion": {"task": WATCH_TASK, "schedule": 300.0, "options": {"expires": 280}},
    "make-partitions": {"task": PARTITIONS_TASK, "schedule": 600.0, "options": {"expires": 500}},
    "issue-statements": {"task": STATEMENTS_TASK, "schedule": 3600.0, "options": {"expires": 3000}},
    "sweep-sessions": {"task": SESSIONS_TASK, "schedule": 600.0, "options": {"expires": 500}},
}


def run_beat() -> None:
    """Run beat until it is told to stop."""
    settings = load_settings()
    configure_logging(settings.log_level, "beat")
    make_beat(settings.redis_url).start(
        [
            "beat",
            "--scheduler=celery.beat:Scheduler",
            f"--loglevel={settings.log_level}",
            "--pidfile=",
        ]
    )


def make_beat(broker_url: str) -> Celery:
    """Make the application with its schedule."""
    celery = make_celery(broker_url)
    celery.conf.beat_schedule = ENTRIES
    return celery
