"""One cap against many processes, while the school rejects leads and processes die."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus, Verdict
from tests.support.leads import NOW, Leads, TestSchool, eventually
from tests.support.worker_process import worker
from workers.destinations.webhook.mock import MockReceiver

PRICE = 3_575


@dataclass
class Fire:
    """A campaign with a cap, and everything that is thrown at it; ``chance`` is seeded."""

    leads: Leads
    school: TestSchool
    version: UUID
    database_url: str
    cap: int
    requests: int
    processes: int
    kills: int
    rejects: int
    chance: random.Random = field(default_factory=lambda: random.Random(6))  # noqa: S311 - no secret
    over: threading.Event = field(default_factory=threading.Event)
    most_held: int = 0
    rejected: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    def watch(self) -> None:
        """Look at the cap again and again: what is used is what the ledger holds, never more."""
        while not self.over.is_set():
            used, limit, held = self._windows()
            assert used == held, (used, held)
            assert used <= limit == self.cap
            self.most_held = max(self.most_held, used)
            time.sleep(0.01)

    def _windows(self) -> tuple[int, int, int]:
        with self.leads.engine.begin() as connection:
            row = connection.execute(
                text(
                    "SELECT coalesce((SELECT max(used) FROM cap_window), 0) AS used, "
                    "coalesce((SELECT max(lim) FROM cap_window), :cap) AS lim, "
                    "(SELECT count(*) FROM cap_ledger WHERE state <> 'released') AS held"
                ),
                {"cap": self.cap},
            ).one()
        return row.used, row.lim, row.held

    def count(self, statement: str) -> int:
        with self.leads.engine.begin() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    def reject(self) -> None:
        """Say of leads that arrived that they are not wanted, until enough were."""
        while self.rejected < self.rejects and not self.over.is_set():
            # What is given back must still be asked for: the last requests refill nothing.
            left = self.requests - self.count("SELECT count(*) FROM request")
            if left <= self.rejects + 2 * self.processes:
                return
            lead_id = self._arrived()
            if lead_id is None:
                time.sleep(0.02)
                continue
            with self.leads.unit_of_work() as work:
                now = work.deliveries.now()
                said = work.dispositions.record_raw(
                    lead_id, self.school.organization_id, b"{}", now
                )
                verdict = work.dispositions.apply(said, DispositionStatus.REJECTED)
            assert verdict is Verdict.APPLIED
            self.rejected += 1

    def _arrived(self) -> UUID | None:
        with self.leads.engine.begin() as connection:
            used = "SELECT lead_id FROM cap_ledger WHERE state = 'used' ORDER BY lead_id LIMIT 50"
            found: list[UUID] = list(connection.execute(text(used)).scalars())
        return self.chance.choice(found) if found else None

    def write(self, place: int) -> None:
        """Ask a share of all requests in a process; one that was killed begins again."""
        share = self.requests // self.processes
        first = place * share + 1
        numbers = [str(each) for each in (self.school.unitid, first, first + share - 1)]
        names = (str(self.version), str(self.school.organization_id))
        command = [sys.executable, "-m", "tests.support.cap_writer", self.database_url]
        if place < self.kills:
            process = subprocess.Popen([*command, *names, *numbers])
            # Dies in the middle of its share, however quick the machine is.
            eventually(
                lambda: self._asked(first, share) > share // 8 or process.poll() is not None, 120
            )
            process.kill()
            process.wait()
            self.killed["writer"] += 1
            # On a quick machine all would be asked before anything arrives and is rejected.
            assert eventually(lambda: self.rejected > 0, 120)
        subprocess.run([*command, *names, *numbers], check=True)

    def _asked(self, first: int, share: int) -> int:
        return self.count(
            "SELECT count(*) FROM request WHERE substr(idempotency_key, 6)::integer "  # noqa: S608 - numbers of ours
            f"BETWEEN {first} AND {first + share - 1}"
        )

    def deliver(self) -> None:
        """Keep a delivery worker running, and kill it now and then."""
        while not self.over.is_set():
            with worker(self.database_url, 1) as process:
                if self.killed["worker"] < self.kills:
                    self.over.wait(1 + self.chance.random())
                    process.kill()
                    self.killed["worker"] += 1
                else:
                    self.over.wait()


@pytest.fixture
def receiver() -> Iterator[MockReceiver]:
    with MockReceiver() as mock:
        yield mock


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.mark.parametrize(
    ("cap", "requests", "processes", "kills", "rejects"),
    [
        (6, 80, 2, 1, 3),
        pytest.param(100, 10_000, 16, 8, 60, marks=pytest.mark.slow),
    ],
)
def test_a_cap_is_exact_under_fire_and_so_is_the_statement_invariant_6(  # noqa: PLR0917
    leads: Leads,
    receiver: MockReceiver,
    database_url: str,
    cap: int,
    requests: int,
    processes: int,
    kills: int,
    rejects: int,
) -> None:
    school = leads.school(receiver.url)
    with leads.unit_of_work() as work:
        settings = CampaignSettings((school.unitid,), caps=Caps(total=cap))
        terms = Terms(PRICE, "USD", settings)
        made = work.campaigns.create(school.organization_id, "C", terms, by="test", now=NOW)
        campaign = work.campaigns.get(made)
        work.campaigns.set_status(campaign, CampaignStatus.ACTIVE)
    fire = Fire(
        leads, school, campaign.current.id, database_url, cap, requests, processes, kills, rejects
    )
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(processes + 3))
        stack.callback(fire.over.set)
        others = [threads.submit(part) for part in (fire.watch, fire.reject, fire.deliver)]
        for each in [threads.submit(fire.write, place) for place in range(processes)]:
            each.result()
        assert eventually(
            lambda: (
                leads.statuses().count("delivered") == fire.cap + fire.rejected
                or any(each.done() and each.exception() for each in others)
            ),
            60,
        )
        fire.over.set()
        for each in others:
            each.result()
    _check(fire, receiver)


def _check(fire: Fire, receiver: MockReceiver) -> None:
    leads, cap = fire.leads, fire.cap
    assert fire.rejected > 0
    assert fire.killed["writer"] == fire.kills
    assert fire.killed["worker"] > 0
    # Everybody was told: a lead, or that the school is full; nobody both, nobody neither.
    assert fire.count("SELECT count(*) FROM request") == fire.requests
    assert (
        fire.count(
            "SELECT count(*) FROM request r WHERE (r.not_taken = '[]') = "
            "EXISTS (SELECT 1 FROM lead l WHERE l.request_id = r.id)"
        )
        == fire.requests
    )
    full = f"SELECT count(*) FROM request WHERE not_taken = '[[{fire.school.unitid}, \"full\"]]'"  # noqa: S608 - a number of ours
    taken = cap + fire.rejected
    assert fire.count(full) == fire.requests - taken
    # The cap was full and never more; each rejected lead's place was taken by another.
    assert fire.most_held == cap
    assert leads.statuses() == ["delivered"] * taken
    assert fire.count("SELECT used FROM cap_window") == cap
    assert fire.count("SELECT count(*) FROM cap_ledger WHERE state = 'used'") == cap
    assert fire.count("SELECT count(*) FROM cap_ledger WHERE state = 'released'") == fire.rejected
    with leads.engine.begin() as connection:
        ids = connection.execute(text("SELECT id FROM delivery")).scalars()
        made = {show(Prefix.DELIVERY, one) for one in ids}
    assert {received.id for received in receiver.received} == made
    with leads.unit_of_work() as work:
        assert work.statements.discrepancies() == []
        [month] = work.statements.months(fire.school.organization_id)
    assert month.total_minor == cap * PRICE
