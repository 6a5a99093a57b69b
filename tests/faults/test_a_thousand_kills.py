"""SIGKILL of delivery workers, over and over, at seeded random moments: no lead is lost."""

import os
import random
import signal
import time
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.delivery import TERMINAL
from tests.support.draining import OPTIONS
from tests.support.forked_workers import forked_workers
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken, watch_steps
from workers.destinations.webhook.mock import MockReceiver, Received, Reply

SETTLED = {status.value for status in TERMINAL}
LEADS_A_KILL = 2
AT_ONCE = 2


@pytest.mark.parametrize("kills", [15, pytest.param(1000, marks=pytest.mark.slow)])
def test_workers_killed_at_any_moment_lose_nothing_invariants_1_to_8(
    engine: Engine,
    keyring: Keyring,
    database_url: str,
    kills: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch_steps(engine)
    leads = Leads(engine, keyring)
    chance = random.Random(20261122)  # noqa: S311 - seeded, to be the same each time

    def answer(_received: Received) -> Reply:
        time.sleep(chance.uniform(0, 0.02))
        return Reply()

    ids: list[UUID] = []
    with MockReceiver(answer) as receiver, forked_workers(database_url, 1) as workers:
        schools = [leads.school(receiver.url, unitid=1 + n) for n in range(4)]
        alive = [workers.start() for _ in range(AT_ONCE)]
        for _ in range(kills):
            ids += [leads.delivery(chance.choice(schools)) for _ in range(LEADS_A_KILL)]
            time.sleep(chance.uniform(0.05, 0.35))
            os.kill(alive.pop(0), signal.SIGKILL)
            alive.append(workers.start())
        eventually(lambda: set(leads.statuses()) <= SETTLED, 240)
        assert Counter(leads.statuses()) == {"delivered": len(ids)}
        received = list(receiver.received)
    allowed = kills * (OPTIONS.senders + OPTIONS.group_most)
    assert broken(engine, History(ids, received, allowed)) == []
    times = Counter(one.id for one in received)
    assert len(times) == len(ids) == kills * LEADS_A_KILL
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what the run is for
            f"\n{kills} workers killed: {len(ids)} deliveries promised, {len(times)} arrived, "
            f"{times.total() - len(ids)} duplicates"
        )
