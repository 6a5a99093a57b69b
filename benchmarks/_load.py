"""Asking web servers: one after another for ratios, at a steady rate for waiting times."""

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from random import Random
from urllib.parse import urlencode
from uuid import UUID

from benchmarks._searches import SEED, new_searches
from matcher.fields import FieldIndex
from matcher.match import Engine
from models.domain.matching import Answers, CampaignOffer, Slate
from service.web.query import Query

ASKERS = 8
TYPED = 0.5
# What the API takes as JSON has it, not as text.
NUMBERS = frozenset({"max_distance_miles", "hide_sponsored"})

Ask = Callable[[http.client.HTTPConnection], None]


def a_slate(number: int, answers: Answers, offers: tuple[CampaignOffer, ...]) -> Slate:
    """Make a slate as the service does."""
    return Slate(
        id=UUID(int=number),
        search_id=UUID(int=number),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        answers=answers,
        locale="en",
        jurisdiction="US",
        catalog_version="",
        ranker_version="",
        seed=number,
        offers=offers,
    )


def searches(engine: Engine, fields: FieldIndex, count: int) -> list[Query]:
    """Make searches as pages ask them, no two the same.

    Half of those that are about a field have words typed for it, the others a field chosen.
    """
    chance = Random(SEED)  # noqa: S311 - searches, not secrets
    asked: dict[tuple[tuple[str, str], ...], Query] = {}
    for number, answers in enumerate(new_searches(engine, count)):
        cip = next(iter(answers.fields), None)
        typed = cip is not None and chance.random() < TYPED
        study = chance.choice(words_for(fields, cip)) if cip and typed else cip
        query = Query.of_slate(a_slate(number, replace(answers, query=study), ())).anew
        asked[tuple(query)] = query
    return list(asked.values())


@cache
def words_for(fields: FieldIndex, cip: str) -> list[str]:
    """What people may type who mean a field; a field that no words find is asked for by name."""
    names = (fields.name(cip), *(each.name for each in fields.specialties(cip)))
    return [name for name in names if fields.find(name)] or [cip]


def get_nothing(connection: http.client.HTTPConnection) -> None:
    """Ask the empty app."""
    connection.request("GET", "/")
    _read(connection)


def page_of(asked: Iterator[Query]) -> Ask:
    """Ask for results pages."""

    def ask(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", "/results?" + urlencode(list(next(asked))))
        _read(connection)

    return ask


def json_of(asked: Iterator[Query]) -> Ask:
    """Ask the API for matches."""

    def ask(connection: http.client.HTTPConnection) -> None:
        search = next(asked).payload()
        for name in NUMBERS & search.keys():
            search[name] = json.loads(search[name])
        body = json.dumps(search)
        connection.request("POST", "/api/v1/matches", body, {"Content-Type": "application/json"})
        _read(connection)

    return ask


def seconds(port: int, ask: Ask, times: int) -> list[float]:
    """Seconds of each time of asking one after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask(connection)
        taken.append(time.perf_counter() - began)
    connection.close()
    return taken


@dataclass(frozen=True)
class Compared:
    """Times of the base and of another, in rounds."""

    base: list[list[float]]
    other: list[list[float]]

    def figures(self, name: str) -> dict[str, float]:
        """Write rates of the other over the base (1: as fast), and how long each took."""
        pairs = list(zip(self.base, self.other, strict=True))
        ratios = [statistics.median(base) / statistics.median(other) for base, other in pairs]
        bases, others = (list(chain.from_iterable(times)) for times in (self.base, self.other))
        return {
            f"{name}_over_empty": round(statistics.median(ratios), 4),
            f"{name}_over_empty_spread": round(max(ratios) - min(ratios), 4),
            f"{name}_over_empty_of_means": round(
                statistics.mean(bases) / statistics.mean(others), 4
            ),
            f"{name}_ms": round(statistics.median(others) * 1000, 3),
            f"{name}_empty_ms": round(statistics.median(bases) * 1000, 3),
        }


def compare(base: tuple[int, Ask], other: tuple[int, Ask], *, rounds: int, times: int) -> Compared:
    """Ask the base, the other and the base again, in turns."""
    bases, others = [], []
    for _ in range(rounds):
        before = seconds(*base, times)
        others.append(seconds(*other, times))
        bases.append(before + seconds(*base, times))
    return Compared(bases, others)


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
