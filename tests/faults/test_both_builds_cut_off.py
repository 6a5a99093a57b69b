"""More faults that ours outlives and the build without a ledger does not: it is cut off from parts.

As in test_both_builds.py, each is run against both.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import pytest
import redis

from tests.support.builds import Build, Naive, Ours, deliver
from tests.support.commit_relay import commit_relay
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken
from workers.destinations.webhook.mock import MockReceiver, Received, Reply

pytestmark = pytest.mark.slow

LEADS = 8
# Leases of these are a second: what waits for a part that is away may be sent again.
REPEATS = LEADS


@pytest.fixture
def ours(leads: Leads, database_url: str, redis_url: str) -> Build:
    return Ours(leads, database_url, redis_url)


@pytest.fixture
def naive(leads: Leads, database_url: str, redis_url: str) -> Build:
    return Naive(leads, database_url, redis_url)


def a_worker_that_stood_still_as_leads_came_and_was_killed(
    build: Build, leads: Leads, redis_url: str
) -> History:
    """SIGSTOP, publish, SIGKILL: what Redis handed to a reader that never read it."""
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        with build.worker() as doomed:
            accepted = [build.accept(school)]
            assert eventually(lambda: leads.statuses() == ["delivered"], 60)
            _wait_until_somebody_asks(redis_url)
            doomed.send_signal(signal.SIGSTOP)
            accepted += [build.accept(school) for _ in range(LEADS)]
            doomed.kill()
            doomed.wait()
        deliver(build, leads)
        return History(accepted, list(receiver.received), REPEATS)


def a_redis_that_is_full_as_leads_come(build: Build, leads: Leads, redis_url: str) -> History:
    broker = redis.Redis.from_url(redis_url)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        broker.config_set("maxmemory", "1")
        try:
            accepted = [build.accept(school) for _ in range(2)]
        finally:
            broker.config_set("maxmemory", "0")
        deliver(build, leads)
        return History(accepted, list(receiver.received))


def answers_to_commits_that_are_lost(build: Build, leads: Leads, _redis_url: str) -> History:
    """The first of all, so that it is no outcome's, and some more."""
    commits: list[int] = []

    def lose() -> bool:
        commits.append(1)
        return len(commits) == 1 or (len(commits) < 25 and len(commits) % 5 == 0)

    with commit_relay(build.database_url, lose) as (url, relay), MockReceiver() as receiver:
        school = leads.school(receiver.url)
        accepted = [build.accept(school) for _ in range(LEADS)]
        deliver(build.with_database(url), leads)
        assert relay.lost
        return History(accepted, list(receiver.received), REPEATS)


def a_database_that_goes_away_while_a_lead_is_sent(
    build: Build, leads: Leads, _redis_url: str
) -> History:
    """Its connections are cut as a receiver reads, and for a while there are no new ones."""
    went: list[threading.Timer] = []
    lock = threading.Lock()
    with _a_user_of_its_own(leads) as user:

        def reads(_received: Received) -> Reply:
            with lock:
                if not went:
                    leads.run(f"ALTER ROLE {user} NOLOGIN")
                    leads.run(_CUT, user=user)
                    back = threading.Timer(1.5, leads.run, (f"ALTER ROLE {user} LOGIN",))
                    back.start()
                    went.append(back)
            return Reply()

        with MockReceiver(reads) as receiver:
            school = leads.school(receiver.url)
            accepted = [build.accept(school) for _ in range(LEADS)]
            url = build.database_url.replace("postgres@", f"{user}@")
            deliver(build.with_database(url), leads)
            for back in went:
                back.join()
            return History(accepted, list(receiver.received), REPEATS)


_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :user"


@contextmanager
def _a_user_of_its_own(leads: Leads) -> Iterator[str]:
    user = f"doomed_{uuid4().hex[:8]}"
    leads.run(f"CREATE ROLE {user} SUPERUSER LOGIN")
    try:
        yield user
    finally:
        leads.run(_CUT, user=user)
        leads.run(f"DROP ROLE {user}")


def _wait_until_somebody_asks(redis_url: str) -> None:
    """Celery asks for a second at a time; ours listens to hints, and these workers not even so."""
    watcher = redis.Redis.from_url(redis_url, socket_timeout=2)
    with suppress(redis.exceptions.TimeoutError), watcher.monitor() as seen:  # type: ignore[no-untyped-call]
        while "BRPOP" not in seen.next_command()["command"]:
            pass
    watcher.close()


Fault = Callable[[Build, Leads, str], History]
FAULTS: tuple[Fault, ...] = (
    a_worker_that_stood_still_as_leads_came_and_was_killed,
    a_redis_that_is_full_as_leads_come,
    answers_to_commits_that_are_lost,
    a_database_that_goes_away_while_a_lead_is_sent,
)


def _names(fault: Fault) -> str:
    return fault.__name__


@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_ours_keeps_what_it_promised_invariants_1_to_8(
    ours: Build, leads: Leads, redis_url: str, fault: Fault
) -> None:
    history = fault(ours, leads, redis_url)
    assert broken(leads.engine, history) == []
    assert len({received.id for received in history.received}) == len(history.accepted)


@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_a_build_without_a_ledger_is_seen_to_break_its_promise(
    naive: Build, leads: Leads, redis_url: str, fault: Fault
) -> None:
    found = broken(leads.engine, fault(naive, leads, redis_url))
    assert "2" in {line.partition(":")[0] for line in found}, found
