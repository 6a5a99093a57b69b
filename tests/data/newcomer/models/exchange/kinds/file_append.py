"""The kind ``file_append``: each lead as a line of a file on the worker's machine."""

from pathlib import PurePosixPath
from typing import Any

from models.exchange.kinds.declaration import DeclaredSetting, Kind


def _check_path(value: Any) -> str | None:
    if not isinstance(value, str) or not PurePosixPath(value).is_absolute() or "\0" in value:
        return "Use a whole path, such as /srv/leads/spring.jsonl."
    return None


KIND = Kind(
    "file_append",
    "File",
    (
        DeclaredSetting(
            "path",
            "Path",
            "The file that leads are appended to, one JSON object a line. The worker must be "
            "allowed to write there.",
            _check_path,
        ),
    ),
)
