"""Where the microseconds of a page go: the app in a process of its own, sampled as it answers.

A clock interrupts it every half millisecond, waiting for Valkey included, and whoever was at work
counts: the innermost frame that belongs to a stage. Python is interrupted between its own calls
only, so that time in C may count for the function that is called next.

Run with query strings, one a line, on standard input; prints a JSON object of µs a page by stage.
"""

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from types import FrameType
from typing import Any

from werkzeug.test import create_environ

from service.wsgi import app

INTERVAL = 0.0005
WARM_UP = 200
# The first of these that a file's name holds is its stage.
STAGES = (
    ("/matcher/field", "words to fields"),
    ("/matcher/", "matcher"),
    ("/service/slate_cache.py", "slate to Valkey"),
    ("/service/valkey.py", "slate to Valkey"),
    ("/models/domain/slates.py", "slate to Valkey"),
    ("/redis/", "slate to Valkey"),
    ("/marshmallow/", "answers read"),
    ("/service/api/v1/", "answers read"),
    ("/service/sight.py", "log and figures"),
    ("/structlog/", "log and figures"),
    ("/logging/", "log and figures"),
    ("/config/logging.py", "log and figures"),
    ("/prometheus_client/", "log and figures"),
    ("/service/web/cards.py", "cards"),
    ("/service/web/facts.py", "cards"),
    ("/service/web/notes.py", "cards"),
    ("/service/web/refine.py", "panel that narrows"),
    ("/service/web/", "page around them"),
    ("/jinja2/", "page around them"),
    ("/service/steps/", "steps"),
    ("/flask", "Flask"),
    ("/werkzeug/", "Flask"),
)
REST = "the rest"


def main() -> None:
    """Answer every query and print where the time went."""
    answer, queries = app(), sys.stdin.read().split()
    asked = [create_environ("/results", query_string=query) for query in queries]
    ask(answer, asked[:WARM_UP])
    counted: Counter[str] = Counter()

    def count(_: int, frame: FrameType | None) -> None:
        counted[stage_at(frame)] += 1

    signal.signal(signal.SIGALRM, count)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    began = time.perf_counter()
    ask(answer, asked[WARM_UP:])
    taken = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, 0)
    each = taken / len(asked[WARM_UP:]) / counted.total() * 1e6
    print(json.dumps({stage: round(times * each) for stage, times in counted.most_common()}))


def ask(answer: Callable[..., Iterable[bytes]], asked: Iterable[dict[str, Any]]) -> None:
    """Ask for pages, as the server does."""
    statuses: list[str] = []
    for environ in asked:
        b"".join(answer(environ, lambda status, *_: statuses.append(status)))
    if wrong := {status for status in statuses if status != "200 OK"}:
        raise RuntimeError(f"answers of {wrong}")


def stage_at(frame: FrameType | None) -> str:
    """Find the stage of the innermost frame that has one."""
    while frame is not None:
        if stage := stage_of(frame.f_code.co_filename):
            return stage
        frame = frame.f_back
    return REST


@cache
def stage_of(file: str) -> str | None:
    """Find the stage that a file belongs to."""
    return next((stage for part, stage in STAGES if part in file), None)


if __name__ == "__main__":
    main()
