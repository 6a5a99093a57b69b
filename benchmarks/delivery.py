"""How delivery compares with doing nothing but the sending, and how long a lead waits.

python -m benchmarks.delivery [--quick] [--only NAME …]

Real PostgreSQL with fsync on, real Valkey, the worker as production runs it, the receiver in a
process of its own. Throughputs are ratios to loops that ran right before and right after (A-B-A):
``urllib3``, eight keep-alive threads, the same body, signing and receiver; and our own client
bare. Beside them stands, as control, a Celery task for each delivery. Every row is checked, and the
receiver's count. urllib3 comes with the development tools.
"""

import argparse
import json
import statistics
from collections.abc import Callable

from benchmarks._delivery.accepting import accept_over_commit
from benchmarks._delivery.installation import Installation, installed
from benchmarks._delivery.throughput import Load, against_loops, black_hole, by_tasks
from benchmarks._delivery.waiting import first_bytes, percentile, recovery

Result = dict[str, float]
# What delivery.md asks for: at least (>) or at most (<).
BARS = {
    "zero_latency_ratio": ">= 0.75",
    "own_client_ratio": ">= 0.35",
    "slow_receiver_ratio": ">= 0.97",
    "black_hole_ratio": ">= 0.90",
    "first_byte_p50_ms": "<= 50",
    "first_byte_p99_ms_redis_dead": "<= 1200",
    "recovery_s": "<= lease + 2",
    "accept_over_commit": ">= 0.55",
}


def zero_latency(at: Installation, *, quick: bool) -> Result:
    """A receiver that answers at once, eight senders."""
    load = Load(senders=8, count=2000, rounds=3 if quick else 7)
    found = against_loops(at, "/fast", load, unitid=200001)
    return {
        "zero_latency_ratio": statistics.median(found["reference"]),
        "own_client_ratio": statistics.median(found["own"]),
        "deliveries_per_s": statistics.median(found["rate"]),
    }


def task_each(at: Installation, *, quick: bool) -> Result:
    """The control: a Celery task for each delivery, at the receiver that answers at once."""
    load = Load(senders=8, count=500 if quick else 2000, rounds=1 if quick else 3)
    found = by_tasks(at, "/fast", load, unitid=200007)
    return {"celery_task_ratio": statistics.median(found)}


def slow_receiver(at: Installation, *, quick: bool) -> Result:
    """A receiver that takes 100 ms, 32 senders."""
    load = Load(senders=32, count=640 if quick else 1600, rounds=2 if quick else 7)
    found = against_loops(at, "/slow", load, unitid=200002)
    return {"slow_receiver_ratio": statistics.median(found["reference"])}


def beside_a_hole(at: Installation, *, quick: bool) -> Result:
    """Nineteen destinations beside one that never answers."""
    found = black_hole(at, count=40 if quick else 200, rounds=1 if quick else 3)
    return {"black_hole_ratio": statistics.median(found)}


def first_byte(at: Installation, *, quick: bool) -> Result:
    """From the commit of an acceptance to the first byte at the school, with nothing else to do."""
    hinted = first_bytes(at, unitid=200003, samples=15 if quick else 60, redis=True)
    polled = first_bytes(at, unitid=200004, samples=10 if quick else 100, redis=False)
    return {
        "first_byte_p50_ms": percentile(hinted, 50),
        "first_byte_p99_ms_redis_dead": percentile(polled, 99),
    }


def after_a_kill(at: Installation, *, quick: bool) -> Result:
    """From SIGKILL to the last delivery that the dead worker held."""
    lease = 36 if quick else 60
    return {"recovery_s": recovery(at, unitid=200005, lease=lease), "lease_s": lease}


def accepting(at: Installation, *, quick: bool) -> Result:
    """An acceptance over a bare commit; beside it one for which something must be weighed."""
    found = accept_over_commit(at, unitid=200006, rounds=3 if quick else 9)
    return {
        "accept_over_commit": statistics.median(found["at_once"]),
        "weighed_over_commit": statistics.median(found["weighed"]),
    }


MEASURES: dict[str, Callable[..., Result]] = {
    "zero_latency": zero_latency,
    "task_each": task_each,
    "slow_receiver": slow_receiver,
    "black_hole": beside_a_hole,
    "first_byte": first_byte,
    "recovery": after_a_kill,
    "accepting": accepting,
}


def main() -> None:
    """Measure, print the table and, last, the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, a shorter lease")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    asked = parser.parse_args()
    result: Result = {}
    with installed(leads=2000) as at:
        for name in asked.only:
            print(f"{name}: {MEASURES[name].__doc__}")
            result |= MEASURES[name](at, quick=asked.quick)
    print()
    for key, value in result.items():
        print(f"{key:32} {value:10.3f}   {BARS.get(key, '')}")
    print("RESULT", json.dumps({key: round(value, 4) for key, value in result.items()}))


if __name__ == "__main__":
    main()
