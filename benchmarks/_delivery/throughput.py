"""Deliveries a second, as ratios of loops that ran right before and right after."""

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from benchmarks._delivery.control import drain_by_tasks
from benchmarks._delivery.installation import Installation, wait_until
from benchmarks._delivery.loops import own_client, reference
from tests.support.leads import TestSchool

_GENERATIONS = itertools.count(2)


def drain_rate(at: Installation, schools: list[TestSchool], count: int, seconds: float) -> float:
    """Release that many deliveries to each school; return deliveries a second until the last one.

    Every row is checked, and the receiver's count.
    """
    destinations: list[UUID] = [school.destination_id for school in schools]
    generation = next(_GENERATIONS)
    for school in schools:
        at.queue(school, count, generation)
    at.receiver.report()
    started = at.release(*destinations)
    clock = at.one("SELECT clock_timestamp()")
    began = clock.timestamp() - (time.monotonic() - started)
    wait_until(lambda: not at.left(*destinations), seconds)
    at.pause(*destinations)
    at.check(generation, *destinations)
    came = at.receiver.report()
    if len(came["first"]) != count * len(schools) or sum(came["requests"].values()) != len(
        came["first"]
    ):
        raise AssertionError(f"the receiver counted {came['requests']}")
    last = at.one(
        "SELECT max(finished_at) FROM attempt JOIN delivery d ON d.id = delivery_id"
        " WHERE d.destination_id = ANY(:ids) AND d.generation = :generation",
        ids=destinations,
        generation=generation,
    )
    return count * len(schools) / float(last.timestamp() - began)


@dataclass(frozen=True)
class Load:
    """How many posts a run, by how many threads, how often."""

    senders: int
    count: int
    rounds: int


def against_loops(
    at: Installation, path: str, load: Load, *, unitid: int
) -> dict[str, list[float]]:
    """Run loop, worker, loop, that many times: ratios to the reference, and to our own client."""
    senders, count = load.senders, load.count
    school = at.destination(path, unitid, at_once=senders)
    url = at.receiver.url + path
    found: dict[str, list[float]] = {"reference": [], "own": [], "rate": []}
    with at.worker(senders=senders):
        drain_rate(at, [school], max(count // 4, senders * 4), 300)  # warm, its window open
        body = _body(at, school)
        print(f"  {path}: {len(body)} bytes, {senders} senders, {count} posts a run")
        for _ in range(load.rounds):
            before = _loops(at, url, body, count, senders)
            rate = drain_rate(at, [school], count, 600)
            after = _loops(at, url, body, count, senders)
            around = {name: statistics.mean((before[name], after[name])) for name in before}
            found["rate"].append(rate)
            for name, loop in around.items():
                found[name].append(rate / loop)
            told = ", ".join(f"{name} {loop:.0f}" for name, loop in around.items())
            print(f"    worker {rate:.0f} a second; {told}")
    return found


def by_tasks(at: Installation, path: str, load: Load, *, unitid: int) -> list[float]:
    """Run loop, the control of a task for each delivery, loop: ratios to the reference."""
    school, url = at.destination(path, unitid), at.receiver.url + path
    with at.worker():
        body = _body(at, school)
    ratios = []
    for _ in range(load.rounds):
        before = _loops(at, url, body, load.count, load.senders)["reference"]
        generation = next(_GENERATIONS)
        at.queue(school, load.count, generation)
        rate = drain_by_tasks(at, school, generation, url, body)
        after = _loops(at, url, body, load.count, load.senders)["reference"]
        ratios.append(rate / statistics.mean((before, after)))
        print(f"    a task each {rate:.0f} a second; reference {before:.0f}, {after:.0f}")
    return ratios


def black_hole(at: Installation, *, count: int, rounds: int) -> list[float]:
    """Deliver to 19 destinations alone, beside one that never answers, and alone again."""
    good = [at.destination("/fast", 300000 + n) for n in range(19)]
    ratios = []
    for n in range(rounds):
        hole = at.destination("/hole", 400000 + n)
        at.queue(hole, 100, 1_000_000)
        with at.worker():
            drain_rate(at, good, max(count // 4, 1), 300)
            alone = [drain_rate(at, good, count, 300)]
            at.release(hole.destination_id)
            time.sleep(2)
            with_hole = _beside(at, good, count)
            at.pause(hole.destination_id)
        with at.worker():
            drain_rate(at, good, max(count // 4, 1), 300)
            alone.append(drain_rate(at, good, count, 300))
        at.one("UPDATE delivery SET status = 'cancelled' WHERE status IN ('pending', 'leased')")
        ratios.append(with_hole / statistics.mean(alone))
        print(f"    alone {[round(each) for each in alone]}, beside a hole {with_hole:.0f}")
    return ratios


def _beside(at: Installation, good: list[TestSchool], count: int) -> float:
    """Drain while the hole holds senders; what it was sent is not part of the count."""
    destinations = [school.destination_id for school in good]
    generation = next(_GENERATIONS)
    for school in good:
        at.queue(school, count, generation)
    started = at.release(*destinations)
    wait_until(lambda: not at.left(*destinations), 600, 0.02)
    seconds = time.monotonic() - started
    at.pause(*destinations)
    at.check(generation, *destinations)
    at.receiver.report()
    return count * len(good) / seconds


def _body(at: Installation, school: TestSchool) -> bytes:
    """Return a body as the worker sends it."""
    at.queue(school, 1, next(_GENERATIONS))
    at.release(school.destination_id)
    wait_until(lambda: not at.left(school.destination_id), 60)
    at.pause(school.destination_id)
    body: str = at.receiver.report()["last_body"]
    return body.encode()


def _loops(at: Installation, url: str, body: bytes, count: int, threads: int) -> dict[str, float]:
    loops: dict[str, Callable[[str, bytes, int, int], float]] = {
        "reference": reference,
        "own": own_client,
    }
    rates = {name: loop(url, body, count, threads) for name, loop in loops.items()}
    came = at.receiver.report()
    if len(came["first"]) != 2 * (count + threads):
        raise AssertionError("the receiver has not counted what the loops sent")
    return rates
