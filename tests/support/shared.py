"""Things too dear to start twice: the first test to need one starts it, the last one stops it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """One of a kind for a whole test run, however many fixtures use it."""

    def __init__(self, start: Callable[[], AbstractContextManager[T]]) -> None:
        self._start = start
        self._stack = ExitStack()
        self._running: list[T] = []
        self._users = 0

    @contextmanager
    def use(self) -> Iterator[T]:
        """Start it, or use the one that runs."""
        if not self._running:
            self._running.append(self._stack.enter_context(self._start()))
        self._users += 1
        try:
            yield self._running[0]
        finally:
            self._users -= 1
            if not self._users:
                self._running.clear()
                self._stack.close()
