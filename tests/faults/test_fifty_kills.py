"""SIGKILL of any process at any moment, while students go on asking: no lead is lost."""

import json
import os
import random
import signal
import time
from collections import Counter

import pytest

from commands.up.processes import birth_of
from tests.support.insistence import Traffic
from tests.support.installation import Installation, eventually

# The web server is two processes: the one that listens, and the one that answers.
KINDS = ("web", "web's worker", "worker", "beat", "valkey", "postgres", "supervisor")
FEW = ("worker", "valkey", "postgres")
_READY_AGAIN_WITHIN = 90.0


@pytest.mark.parametrize(
    ("rounds", "kinds"), [(3, FEW), pytest.param(50, KINDS, marks=pytest.mark.slow)]
)
def test_kills_at_any_moment_lose_no_lead_and_every_next_start_is_clean_invariants_4_and_5(
    installation: Installation,
    rounds: int,
    kinds: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Accepted means kept; at least once, and once at an idempotent receiver."""
    seed = 20261122 + rounds
    chance = random.Random(seed)  # noqa: S311 - seeded, to be the same each time
    plan = [kind for _ in range(rounds) for kind in chance.sample(kinds, k=len(kinds))][:rounds]
    traffic = Traffic(installation.port, seed)
    already = {each["id"] for each in installation.received()}
    traffic.start()
    try:
        for kind in plan:
            time.sleep(chance.uniform(0.0, 2.0))
            _kill(installation, kind)
    finally:
        traffic.finish()
    assert traffic.troubles == []
    assert traffic.counts["requests"] >= rounds

    eventually(lambda: traffic.leads.keys() <= _arrived(installation, already).keys(), 90)
    arrived = _arrived(installation, already)
    # By the delivery's id, which every try repeats, a school keeps one of each.
    assert arrived.keys() == traffic.leads.keys()
    assert set(arrived.values()) == {1}
    assert set(traffic.leads.values()) == {1}
    records = [each for each in installation.received() if each["id"] not in already]
    assert all(each["verified"] for each in records)

    assert installation.interrupt() == 0
    assert "had to be killed" not in installation.output
    assert installation.alive() == []
    installation.start()
    assert "Ended what a killed run left" not in installation.output
    assert _arrived(installation, already) == arrived
    duplicates = sum(each["duplicates"] for each in records)
    kills = ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(plan).items()))
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what the run is for
            f"\n{rounds} rounds ({kills}): {traffic.counts['requests']} requests, "
            f"{len(traffic.leads)} leads acknowledged, {len(arrived)} delivered, "
            f"{duplicates} duplicates; {traffic.counts['unanswered']} calls had no answer"
        )


def _arrived(installation: Installation, already: set[str]) -> Counter[str]:
    """How many webhook ids each lead came under."""
    return Counter(
        json.loads(each["body"])["data"]["lead_id"]
        for each in installation.received()
        if each["id"] not in already
    )


def _kill(installation: Installation, kind: str) -> None:
    """SIGKILL one process and wait until everything works again."""
    if kind == "supervisor":
        _kill_the_supervisor(installation)
    else:
        name = kind.partition("'")[0]
        before = installation.child(name)
        told = installation.output.count(f"{name} runs again")
        os.kill(
            installation.processes(name)[-1] if kind == "web's worker" else before, signal.SIGKILL
        )
        eventually(
            lambda: installation.output.count(f"{name} runs again") > told, _READY_AGAIN_WITHIN
        )
        assert installation.child(name) != before
    eventually(lambda: installation.get("/readyz")[0] == 200, _READY_AGAIN_WITHIN)


def _kill_the_supervisor(installation: Installation) -> None:
    """Kill it and start anew: nobody of the old run may be left."""
    names = ("training", "web", "worker", "beat", "school", "valkey", "postgres")
    old = {pid: birth_of(pid) for name in names for pid in installation.processes(name)}
    installation.kill()
    installation.start()
    assert [pid for pid, birth in old.items() if birth and birth_of(pid) == birth] == []
