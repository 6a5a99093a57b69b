"""Celery shells: a name, and the function of ours that it calls."""

from collections.abc import Callable
from typing import Any

from celery import Celery


def add_task(celery: Celery, name: str, run: Callable[[], None], **options: Any) -> None:
    """Let messages of that name call a function without arguments.

    Messages are hints: one that is lost or comes twice changes nothing.

    Args:
        celery: the application.
        name: the task's name.
        run: what to call.
        options: of Celery's task, such as its time limit.
    """

    def shell() -> None:
        run()

    celery.task(shell, name=name, ignore_result=True, **options)
