"""A school's folder that is played: takes files, or refuses them in the ways that servers do.

The tests of the whole road use OpenSSH's server; this is for what no real one does when asked.
"""

from collections.abc import Mapping
from types import MappingProxyType

from workers.outbound.errors import ForbiddenTargetError, NoAnswerError, OutboundError
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
