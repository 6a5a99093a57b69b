"""How long a lead waits: to its first byte, and for a worker that died."""

import random
import signal
import statistics
import time

from benchmarks._delivery.installation import Installation, dead_redis, wait_until
from config.broker import Nudge, make_celery
from models.domain.ids import Prefix, show


def first_bytes(at: Installation, *, unitid: int, samples: int, redis: bool) -> list[float]:
    """Accept one lead at a time on an idle service; return milliseconds from commit to arrival."""
    school = at.destination("/fast", unitid)
    chance = random.Random(7)  # noqa: S311 - the same moments each time
    url = at.redis_url if redis else dead_redis()
    nudge = Nudge(make_celery(url))
    lead_ids = [at.leads.lead(school) for _ in range(samples + 1)]
    committed: dict[str, float] = {}
    at.release(school.destination_id)
    with at.worker(redis_url=url):
        at.leads.deliver(school, lead_ids[0])
        wait_until(lambda: not at.left(school.destination_id), 60)
        time.sleep(2)  # the consumer listens
        at.receiver.report()
        for lead_id in lead_ids[1:]:
            time.sleep(0.1 + chance.random() * (0.4 if redis else 1.1))
            delivery_id = at.leads.deliver(school, lead_id)
            committed[show(Prefix.DELIVERY, delivery_id)] = time.monotonic()
            nudge()
            wait_until(lambda: not at.left(school.destination_id), 30, 0.05)
    at.pause(school.destination_id)
    first = at.receiver.report()["first"]
    if set(first) != set(committed):
        raise AssertionError("the receiver has not seen every lead")
    return [(first[shown] - committed[shown]) * 1000 for shown in committed]


def recovery(at: Installation, *, unitid: int, lease: int) -> float:
    """Kill a worker with full hands, start another; return seconds until the last was delivered."""
    school = at.destination("/slow", unitid)
    at.queue(school, 200, 1)
    with at.worker(lease=lease) as process:
        at.release(school.destination_id)
        wait_until(lambda: at.receiver.report()["requests"].get("/slow", 0) > 2, 60, 0.3)
        time.sleep(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed = time.monotonic()
    held = int(at.one("SELECT count(*) FROM delivery WHERE status = 'leased'"))
    with at.worker(lease=lease):
        wait_until(lambda: not at.left(school.destination_id), lease + 60, 0.1)
        # Before it is told to stop, which takes a second or two and delays no lead.
        seconds = time.monotonic() - killed
    undelivered = int(
        at.one(
            "SELECT count(*) FROM delivery WHERE destination_id = :id AND status <> 'delivered'",
            id=school.destination_id,
        )
    )
    if undelivered or not held:
        raise AssertionError(f"{held} were held, {undelivered} not delivered")
    print(f"    {held} held by the worker that was killed, lease {lease} s")
    return seconds


def percentile(values: list[float], percent: int) -> float:
    """Return the percentile of a sample."""
    if percent == 50:
        return statistics.median(values)
    return sorted(values)[min(round(len(values) * percent / 100), len(values) - 1)]
