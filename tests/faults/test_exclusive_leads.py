"""Leads that only one destination may have, beside shared ones: kills, lost answers, late ones."""

import os
import random
import signal
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.domain.delivery import TERMINAL, ClaimedDelivery, Outcome
from models.domain.delivery import DeliveryStatus as S
from models.domain.sending import Settlement
from tests.support.draining import OPTIONS
from tests.support.forked_workers import forked_workers
from tests.support.leads import Leads, TestSchool, eventually
from tests.support.ledger_checker import History, broken
from tests.support.sponsored import hold_place
from workers.destinations.webhook.mock import MockReceiver, Received, Reply

PRICE = 5_000
SETTLED = {status.value for status in TERMINAL}
REFUSAL = Reply(422)


class Choosy:
    """A receiver that refuses some, keeps the rest, and sometimes hangs up after it kept one."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - seeded, to be the same each time
        self._lock = threading.Lock()
        self._refused: set[str] = set()
        self.taken: set[str] = set()

    def answer(self, received: Received) -> Reply:
        with self._lock:
            draw = self._chance.random()
            if received.id in self._refused or (received.id not in self.taken and draw < 0.4):
                self._refused.add(received.id)
                return REFUSAL
            self.taken.add(received.id)
        time.sleep(0.02)
        if draw > 0.85:
            raise ConnectionAbortedError
        return Reply(503) if draw > 0.8 else Reply()


@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_exclusive_and_shared_leads_mixed_while_workers_die_invariant_7(
    leads: Leads, database_url: str, kills: int
) -> None:
    chance = random.Random(7)  # noqa: S311 - seeded, to be the same each time
    first, second = Choosy(1), Choosy(2)
    with (
        MockReceiver(first.answer) as one,
        MockReceiver(second.answer) as two,
        forked_workers(database_url, 1) as workers,
    ):
        school = leads.school(one.url)
        other = leads.another(school, two.url)
        campaign = None
        exclusive, shared = [], []
        alive = [workers.start() for _ in range(2)]
        for _ in range(kills):
            for _ in range(2):
                lead_id = leads.lead(school)
                campaign = hold_place(leads, school, lead_id, PRICE, campaign_id=campaign)
                with leads.unit_of_work() as work:
                    work.requests.route(lead_id, [other.destination_id])
                exclusive.append(leads.deliver(school, lead_id))
            lead_id = leads.lead(school)
            campaign = hold_place(leads, school, lead_id, PRICE, campaign_id=campaign)
            shared += [leads.deliver(each, lead_id) for each in (school, other)]
            time.sleep(chance.uniform(0.05, 0.35))
            os.kill(alive.pop(0), signal.SIGKILL)
            alive.append(workers.start())
        eventually(lambda: set(leads.statuses()) <= SETTLED, 120)
        received = [*one.received, *two.received]
    taken = first.taken | second.taken
    repeats = sum(n - 1 for n in Counter(each.id for each in received).values())
    # Answers that were lost or asked for more are repeats on purpose; kills may add their own.
    assert repeats <= kills * (OPTIONS.senders + OPTIONS.group_most) + len(taken)
    assert broken(leads.engine, History([*exclusive, *shared], received, repeats, taken)) == []
    # Some went on to the second, so that something was there to be broken.
    passed_on = "SELECT count(*) FROM delivery d JOIN lead l ON l.id = d.lead_id"
    assert _count(leads, f"{passed_on} WHERE l.route IS NOT NULL") > len(exclusive)
    # Each lead that arrived is owed for once, wherever it arrived.
    arrived = _count(
        leads, "SELECT count(DISTINCT lead_id) FROM delivery WHERE status = 'delivered'"
    )
    assert _count(leads, "SELECT count(*) FROM charge") == arrived


def _count(leads: Leads, query: str) -> int:
    with leads.engine.begin() as connection:
        return int(connection.execute(text(query)).scalar_one())


def _given_up(leads: Leads) -> tuple[TestSchool, TestSchool, ClaimedDelivery]:
    """A paid lead whose first destination said nothing until its time was over.

    Returns:
        Where it was first, where it waits now, and the first claim.
    """
    school = leads.school("https://a.example/")
    other = leads.another(school, "https://b.example/")
    one = leads.delivery(school)
    leads.route(one, [other])
    hold_place(leads, school, leads.row(one).lead_id, PRICE)
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, timedelta(minutes=1))
    leads.set(one, lease_until=text("now() - interval '1 s'"), expires_at=text("now()"))
    with leads.unit_of_work() as work:
        work.deliveries.sweep(10)
    assert sorted(leads.statuses()) == ["expired", "pending"]
    return school, other, claim


def _arrive(leads: Leads, claim: ClaimedDelivery) -> None:
    said = Outcome(S.DELIVERED, "ok", 204)
    with leads.unit_of_work() as work:
        assert work.deliveries.finish([Settlement(claim, S.DELIVERED, said)]) == []


def _claim(leads: Leads, school: TestSchool) -> list[ClaimedDelivery]:
    with leads.unit_of_work() as work:
        return work.deliveries.claim({school.destination_id: 1}, timedelta(minutes=1))


def _settle(leads: Leads, claim: ClaimedDelivery, status: S) -> None:
    with leads.unit_of_work() as work:
        work.deliveries.finish([Settlement(claim, status, Outcome(status, "test"))])


def _told(leads: Leads, claim: ClaimedDelivery) -> str:
    assert claim.lead_id is not None
    with leads.unit_of_work() as work:
        return work.deliveries.of_lead(claim.lead_id).status.value


def _charged(leads: Leads) -> int:
    return _count(leads, "SELECT coalesce(sum(amount_minor), 0) FROM charge")


def test_a_2xx_after_the_next_was_asked_calls_off_what_has_not_begun_invariant_7(
    leads: Leads,
) -> None:
    _, other, claim = _given_up(leads)
    assert _told(leads, claim) == "accepted_by_us"
    _arrive(leads, claim)
    assert _claim(leads, other) == []
    assert sorted(leads.statuses()) == ["cancelled", "delivered"]
    assert _told(leads, claim) == "sent"
    assert _charged(leads) == PRICE


@pytest.mark.parametrize("then", [S.DELIVERED, S.REJECTED])
def test_a_2xx_while_the_next_is_asked_is_told_and_charged_once_invariant_7(
    leads: Leads, then: S
) -> None:
    _, other, claim = _given_up(leads)
    [following] = _claim(leads, other)
    _arrive(leads, claim)
    _settle(leads, following, then)
    assert sorted(leads.statuses()) == sorted(["delivered", then.value])
    assert _told(leads, claim) == "sent"
    assert _charged(leads) == PRICE


def test_a_2xx_after_nobody_took_it_takes_its_place_again_and_is_charged_once_invariant_7(
    leads: Leads,
) -> None:
    _, other, claim = _given_up(leads)
    [following] = _claim(leads, other)
    _settle(leads, following, S.REJECTED)
    assert _told(leads, claim) == "rejected"
    assert _count(leads, "SELECT count(*) FROM cap_ledger WHERE state = 'released'") == 1
    _arrive(leads, claim)
    assert _told(leads, claim) == "sent"
    assert _charged(leads) == PRICE
    assert _count(leads, "SELECT count(*) FROM cap_ledger WHERE state = 'used'") == 1


def test_a_2xx_after_the_second_had_it_is_told_and_charged_once_invariant_7(leads: Leads) -> None:
    _, other, claim = _given_up(leads)
    [following] = _claim(leads, other)
    _settle(leads, following, S.DELIVERED)
    _arrive(leads, claim)
    assert sorted(leads.statuses()) == ["delivered", "delivered"]
    assert _charged(leads) == PRICE
