import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config.logging import REDACTED, configure_logging, redact


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A log of its own; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", "web", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_are_one_json_object_each(lines: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger("service").info("searched", slate="slt_1", total=12)
    logging.getLogger("celery.worker").warning("lost %s", "broker")
    ours, theirs = read(lines)
    assert ours["event"] == "searched"
    assert (ours["request_id"], ours["process"], ours["total"]) == ("r1", "web", 12)
    assert (theirs["event"], theirs["level"], theirs["request_id"]) == (
        "lost broker",
        "warning",
        "r1",
    )


def test_invariant_11_personal_data_is_not_in_logs(lines: io.StringIO) -> None:
    log = structlog.get_logger("service")
    log.info("got", email="ada@example.com", student={"first_name": "Ada"}, note=["ada@x.org"])
    log.info("mail to ada.l+x@mail.example.co.uk or (404) 555-0123 or +1 404-555-0123 bounced")
    try:
        raise ValueError("no such address: ada@example.com")
    except ValueError:
        logging.getLogger("library").exception("failed for %s", "4045550123")
    text = lines.getvalue()
    for personal in ("ada", "Ada", "555-0123", "5550123"):
        assert personal not in text
    assert text.count(REDACTED) >= 7


def test_ids_times_and_figures_are_left_alone() -> None:
    event = {
        "slate": "slt_01jd9x2v7kq3m8z5w4c6b1n0ra",
        "at": "2026-11-22T03:02:57.123456Z",
        "id": "019e2f6a-5553-7123-9045-550123abcdef",
        "total": 6334,
        "unitid": 194240,
    }
    assert redact(event) == event


def test_what_only_pythons_json_can_write_is_written_all_the_same(lines: io.StringIO) -> None:
    structlog.get_logger("service").info("odd", half="\ud800", long=2**70, what={1, 2})
    [line] = read(lines)
    assert (line["half"], line["long"], line["what"]) == ("\ud800", 2**70, "{1, 2}")
