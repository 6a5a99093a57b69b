"""Logging: one JSON object a line, with a request id where there is one, and no personal data.

Personal data never belongs in a log. What slips in all the same is redacted twice: by the name of
its key, and by its shape (an e-mail address, a phone number) in any text, exception texts too.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, TextIO

import orjson
import structlog

REDACTED = "[redacted]"
PERSONAL_KEYS = frozenset(
    {
        "address",
        "answers",
        "authorization",
        "body",
        "cookie",
        "email",
        "first_name",
        "ip",
        "last_name",
        "name",
        "password",
        "phone",
        "recipient",
        "secret",
        "student",
        "token",
    }
)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![0-9A-Za-z-])\+?(?:1[ .-]?)?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}"
    r"(?![0-9A-Za-z-])"
)
_SHORTEST_PHONE = 10
# Nothing of these is on a line, and each costs something on every one.
_UNSAID = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


class _Lines(structlog.WriteLogger):
    """Writes our own lines, which need none of what libraries' records carry: half the cost."""

    def __init__(self, name: str, stream: TextIO) -> None:
        super().__init__(stream)
        self.name = name


def configure_logging(level: str, process: str, stream: TextIO = sys.stderr) -> None:
    """Send this process's log, and that of every library in it, to ``stream`` as JSON lines.

    Args:
        level: DEBUG, INFO, WARNING or ERROR.
        process: what this process is: web, delivery, beat …; stands on every line.
        stream: where lines go.
    """

    def complete(logger: Any, method: str, event: Any) -> Any:
        """Make an event a whole line: one call, where a chain of six cost as much as the rest."""
        event = structlog.contextvars.get_contextvars() | event
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(logger, method, event)
        # What follows is ours, and holds nothing personal.
        line = redact(event)
        structlog.stdlib.add_log_level(logger, method, line)
        structlog.stdlib.add_logger_name(logger, method, line)
        line["process"] = process
        return _stamp(logger, method, line)

    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[complete],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    for name in _UNSAID:
        setattr(logging, name, False)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[complete, _render],
        logger_factory=cache(lambda name="": _Lines(name, stream)),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _render(_logger: Any, _method: str, line: Any) -> str:
    try:
        return orjson.dumps(line, repr).decode()
    except TypeError:  # halves of characters and very long numbers, which only Python's JSON writes
        return json.dumps(line, default=repr)


def redact(event: Mapping[str, Any]) -> dict[str, Any]:
    """Take personal data out of a log event, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if key.lower() in PERSONAL_KEYS and value is not None:
        return REDACTED
    if isinstance(value, str):
        # Most texts are too short for a telephone number, and have no "@".
        text = _EMAIL.sub(REDACTED, value) if "@" in value else value
        return _PHONE.sub(REDACTED, text) if len(text) >= _SHORTEST_PHONE else text
    if isinstance(value, Mapping):
        return redact({str(k): v for k, v in value.items()})
    if isinstance(value, list | tuple):
        return [_clean("", item) for item in value]
    return value
