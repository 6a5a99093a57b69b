"""Lets the workers of a Dask cluster read the parts of a log, by the same definition.

Workers need this program, the log's folder and the folder to work in, both under the paths that
they have here (``STORE`` is shared between machines).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from matcher.learn.dataset_build import Alone, Crew
from models.domain.errors import SchoolmatchError

T = TypeVar("T")

ANSWERS_WITHIN = "30s"


class ClusterError(SchoolmatchError):
    """There is no cluster to work on; the text says what to do."""


class _Workers:
    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls, each on some worker; the first that fails ends all."""
        # Not pure: a part is read again in another run, whatever it was called with.
        futures = self._client.map(_made, calls, pure=False)
        results: list[T] = self._client.gather(futures)
        return results


def _made(call: Callable[[], T]) -> T:
    return call()


@contextmanager
def crew_at(scheduler: str) -> Iterator[Crew]:
    """Whoever reads parts: the workers of a scheduler or, where none is named, this process.

    Args:
        scheduler: its address, such as ``tcp://10.0.0.5:8786``; empty for none.

    Raises:
        ClusterError: when Dask is not installed, or nobody answers there.
    """
    if not scheduler:
        yield Alone()
        return
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra, seconds to load
    except ImportError:
        raise ClusterError(
            f"A Dask scheduler is named ({scheduler}), but Dask is not installed here. "
            "Install it with `pip install 'schoolmatch[dask]'`, or name no scheduler."
        ) from None
    try:
        client = Client(scheduler, timeout=ANSWERS_WITHIN)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        yield _Workers(client)
