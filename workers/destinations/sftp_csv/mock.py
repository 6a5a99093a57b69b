"""A school's folder that is played: takes files, or refuses them in the ways that servers do.

The tests of the whole road use OpenSSH's server; this is for what no real one does when asked.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any, Self

from typing_extensions import override

from models.outbound.errors import ForbiddenTargetError, NoAnswerError, OutboundError
from workers.mocks import Received, Reply
from workers.outbound.outside import Outside
from workers.outbound.ports import FilePlace

GOOD = "good"
CASES: Mapping[str, OutboundError | None] = MappingProxyType(
    {
        GOOD: None,
        "disk_full": NoAnswerError("upload_refused"),
        "cut_short": NoAnswerError("size_differs"),
        "folder_gone": NoAnswerError("folder_not_found"),
        "another_server": ForbiddenTargetError("host_key_differs", retryable=True),
    }
)


class MockFolder:
    """Keeps what was put into it, by name."""

    def __init__(self, case: str = GOOD) -> None:
        self.case = case
        self.place: FilePlace | None = None
        self.files: dict[str, bytes] = {}

    def put(self, place: FilePlace, name: str, data: bytes) -> None:
        """Take a file, or refuse it as the case says.

        Raises:
            OutboundError: in every case but the good one.
        """
        self.place = place
        error = CASES[self.case]
        if error is not None:
            raise error
        self.files[name] = data


class MockSystem(MockFolder):
    """A folder that a preset is tried on; a file put there is told as a request is."""

    def __init__(
        self, name: str, case: str = GOOD, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        del name, monotonic
        super().__init__(case)
        self.received: list[Received] = []
        self.replied: list[Reply] = []

    @staticmethod
    def cases(name: str) -> tuple[str, ...]:
        """List the cases, ``good`` first."""
        del name
        return tuple(CASES)

    def stand_in(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Leave settings as they are: nothing is connected to."""
        return dict(settings)

    def ways(self, outside: Outside) -> Outside:
        """Lead files here instead of out."""
        return replace(outside, files=self)

    @override
    def put(self, place: FilePlace, name: str, data: bytes) -> None:
        """Tell of a file, and take or refuse it.

        Raises:
            OutboundError: in every case but the good one.
        """
        where = f"sftp://{place.host}{place.folder.rstrip('/')}/{name}"
        self.received.append(Received(where, {"content-type": "text/csv"}, data))
        self.replied.append(Reply(0, body=self.case.encode()))
        super().put(place, name, data)

    def __enter__(self) -> Self:
        """Begin; there is nothing to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; there is nothing to close."""
