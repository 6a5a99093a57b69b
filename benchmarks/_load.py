"""Asking web servers: one after another for ratios, at a steady rate for waiting times."""

import http.client
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

ASKERS = 8

Ask = Callable[[http.client.HTTPConnection], None]


def searches() -> Iterator[dict[str, str]]:
    """Searches without end, none the same as one of the few hundred before it."""
    levels = ("high_school", "some_college", "associate", "bachelor")
    studies = ("medical records technician", "nursing", "HVAC", "accounting", "computer science")
    zips = (
        "10940",
        "60601",
        "94103",
        "30332",
        "75201",
        "98101",
        "33101",
        "02139",
        "80202",
        "59718",
    )
    distances = ("25", "50", "75", "100", "150", "250", "500", "1000", "2500", "5000")
    for miles, zip_code, study, level in itertools.cycle(
        itertools.product(distances, zips, studies, levels)
    ):
        yield {
            "education_level": level,
            "postal_code": zip_code,
            "query": study,
            "max_distance_miles": miles,
        }


def get_nothing(connection: http.client.HTTPConnection) -> None:
    """Ask the empty app."""
    connection.request("GET", "/")
    _read(connection)


def page_of(asked: Iterator[dict[str, str]]) -> Ask:
    """Ask for a results page never seen before."""

    def ask(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", "/results?" + urlencode(next(asked)))
        _read(connection)

    return ask


def json_of(asked: Iterator[dict[str, str]]) -> Ask:
    """Ask the API for matches never asked for before."""

    def ask(connection: http.client.HTTPConnection) -> None:
        search = next(asked)
        body = json.dumps({**search, "max_distance_miles": int(search["max_distance_miles"])})
        connection.request("POST", "/api/v1/matches", body, {"Content-Type": "application/json"})
        _read(connection)

    return ask


def seconds(port: int, ask: Ask, times: int) -> float:
    """Median seconds of asking one after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask(connection)
        taken.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(taken)


def ratio(base: tuple[int, Ask], other: tuple[int, Ask], *, rounds: int, times: int) -> list[float]:
    """Rate of ``other`` over that of ``base`` (1: as fast), A-B-A, once a round."""
    ratios = []
    for _ in range(rounds):
        before = seconds(*base, times)
        between = seconds(*other, times)
        after = seconds(*base, times)
        ratios.append((before + after) / 2 / between)
    return ratios


def at_rate(port: int, ask: Ask, *, per_second: float, lasting: float) -> list[float]:
    """Seconds from the moment each was due to its answer: a queue counts as waiting."""
    start = time.perf_counter() + 0.2
    due = [start + n / per_second for n in range(int(per_second * lasting))]

    def one(moment: float) -> float:
        time.sleep(max(0.0, moment - time.perf_counter()))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        ask(connection)
        connection.close()
        return time.perf_counter() - moment

    with ThreadPoolExecutor(ASKERS) as pool:
        return list(pool.map(one, due))


def _read(connection: http.client.HTTPConnection) -> None:
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{answer.status}: {body[:300]!r}")
