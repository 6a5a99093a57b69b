"""Clocks that are wrong, workers that are told to end again and again, settings that change."""

import base64
import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support.draining import draining
from tests.support.leads import NOW, SIGNING_KEY, Leads, TestSchool, eventually
from tests.support.ledger_checker import History, broken
from tests.support.worker_process import worker
from workers.destinations.webhook.mock import MockReceiver, Received, Reply, in_turn

NEW_KEY = "whsec_" + base64.b64encode(b"the key that comes after, 32 by.").decode()


def _delivered(leads: Leads) -> bool:
    return set(leads.statuses()) == {"delivered"}


@pytest.mark.slow
def test_workers_told_to_end_again_and_again_under_load_repeat_nothing_invariant_13(
    leads: Leads, database_url: str
) -> None:
    def answer(_received: Received) -> Reply:
        time.sleep(0.1)
        return Reply()

    ends = 0
    with MockReceiver(answer) as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(120)]
        for seen in itertools.count(5, 25):
            with worker(database_url, 60) as process:
                assert receiver.wait_for(min(seen, len(ids)), 60)
                process.send_signal(signal.SIGTERM)
                assert process.wait(35) == 0
            ends += 1
            if len(receiver.received) == len(ids):
                break
    assert ends >= 3
    assert broken(leads.engine, History(ids, receiver.received)) == []


CLOCKS = {
    "two days ahead": {"FAKETIME": "+2d"},
    "two days behind": {"FAKETIME": "-2d"},
    "an hour that comes twice": {"FAKETIME": "@2026-11-01 01:59:58", "TZ": "America/New_York"},
    "an hour that never comes": {"FAKETIME": "@2026-03-08 01:59:58", "TZ": "America/New_York"},
    "the end of a leap day": {"FAKETIME": "@2028-02-29 23:59:58", "TZ": "Pacific/Auckland"},
}


@pytest.mark.slow
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_worker_whose_clock_is_wrong_loses_and_repeats_nothing_invariant_14(
    leads: Leads, database_url: str, clock: str
) -> None:
    """Due times and leases are the database's: neither early, nor two days late."""
    library = _libfaketime()
    with MockReceiver(in_turn(Reply(503), Reply())) as receiver:
        school = leads.school(receiver.url)
        ids = [leads.delivery(school) for _ in range(10)]
        with _worker(database_url, {"LD_PRELOAD": str(library), **CLOCKS[clock]}) as wrong:
            assert eventually(lambda: _delivered(leads), 60)
            # Beside one whose clock is right, on the same ledger.
            with draining(leads.unit_of_work):
                ids += [leads.delivery(school) for _ in range(10)]
                assert eventually(lambda: _delivered(leads), 60)
            wrong.send_signal(signal.SIGTERM)
            assert wrong.wait(35) == 0
    stamps = {int(received.headers["webhook-timestamp"]) for received in receiver.received[:5]}
    # The fake was really there: what it signed is far from now.
    assert all(abs(stamp - time.time()) > 3600 for stamp in stamps)
    assert broken(leads.engine, History(ids, receiver.received, repeats=1)) == []


def _libfaketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.skip("libfaketime is not here (Debian: faketime): clocks cannot be set wrong")
    return found[0]


@contextmanager
def _worker(url: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.support.delivery_worker", url, "60"]
    # The monotonic clock is nobody's to set.
    faked = {**environment, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=faked
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield process
        finally:
            process.kill()


def _change(leads: Leads, school: TestSchool, settings: dict[str, Any], *keys: str) -> None:
    with leads.unit_of_work() as work:
        secrets = {"signing_keys": list(keys)}
        work.destinations.change(school.destination_id, settings, secrets, by="test", now=NOW)


def test_keys_that_change_between_two_tries_sign_the_same_bytes_invariant_8(leads: Leads) -> None:
    def change_then_refuse(_received: Received) -> Reply:
        if len(receiver.received) > 1:
            return Reply()
        _change(leads, school, {"url": receiver.url}, NEW_KEY, SIGNING_KEY)
        return Reply(503)

    with MockReceiver(change_then_refuse) as receiver:
        school = leads.school(receiver.url)
        one = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: _delivered(leads), 30)
    before, after = receiver.received
    assert Webhook(SIGNING_KEY).verify(before.body, dict(before.headers))
    for key in (NEW_KEY, SIGNING_KEY):
        assert Webhook(key).verify(after.body, dict(after.headers))
    assert broken(leads.engine, History([one], receiver.received, repeats=1)) == []


def test_a_destination_edited_while_it_is_sent_to_gets_the_next_try_elsewhere_invariant_8(
    leads: Leads,
) -> None:
    def move_then_refuse(_received: Received) -> Reply:
        _change(leads, school, {"url": new.url}, SIGNING_KEY)
        return Reply(500)

    with MockReceiver(move_then_refuse) as old, MockReceiver() as new:
        school = leads.school(old.url)
        one = leads.delivery(school)
        with draining(leads.unit_of_work, lease=timedelta(seconds=20)):
            assert eventually(lambda: _delivered(leads), 30)
    assert (len(old.received), len(new.received)) == (1, 1)
    first, second = leads.attempts(one)
    assert (first.outcome, second.outcome) == ("pending", "delivered")
    assert broken(leads.engine, History([one], [*old.received, *new.received], repeats=1)) == []
