"""A destination's pace: never more than its system takes in a time, whoever sends."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import ClaimedDelivery
from models.domain.destination import Pace
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.webhook.mock import MockReceiver

LEASE = timedelta(minutes=1)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _paced(
    leads: Leads, pace: Pace | None, count: int, url: str = "http://127.0.0.1:9/"
) -> TestSchool:
    school = leads.school(url)
    with leads.unit_of_work() as work:
        work.destinations.set_pace(school.destination_id, pace)
    for _ in range(count):
        leads.delivery(school)
    return school


def _claim(leads: Leads, school: TestSchool, most: int) -> list[ClaimedDelivery]:
    with leads.unit_of_work() as work:
        return work.deliveries.claim({school.destination_id: most}, LEASE)


def _room(leads: Leads, destination_id: UUID) -> int | None:
    with leads.unit_of_work() as work:
        return {each.id: each.room for each in work.deliveries.due()}.get(destination_id)


def _age(leads: Leads, destination_id: UUID, seconds: int) -> None:
    """Let what was claimed have been claimed earlier."""
    leads.run(
        "UPDATE destination_state SET recent = ARRAY(SELECT r.at - make_interval(secs => :s) "
        "FROM unnest(recent) AS r (at)) WHERE destination_id = :id",
        s=seconds,
        id=destination_id,
    )


def test_a_claim_stops_where_the_pace_does_and_goes_on_when_its_time_is_over(leads: Leads) -> None:
    school = _paced(leads, Pace(5, 300, at_once=64), 12)
    assert _room(leads, school.destination_id) == 5
    assert len(_claim(leads, school, 3)) == 3
    assert _room(leads, school.destination_id) == 2
    assert len(_claim(leads, school, 10)) == 2
    assert _claim(leads, school, 10) == []
    assert _room(leads, school.destination_id) == 0
    # What was claimed may leave half a minute later: so much longer is waited.
    _age(leads, school.destination_id, 329)
    assert _claim(leads, school, 10) == []
    _age(leads, school.destination_id, 2)
    assert len(_claim(leads, school, 10)) == 5
    assert len(leads_recent(leads, school)) == 5


def leads_recent(leads: Leads, school: TestSchool) -> list[object]:
    with leads.engine.connect() as connection:
        query = text("SELECT recent FROM destination_state WHERE destination_id = :id")
        return list(connection.execute(query, {"id": school.destination_id}).scalar_one())


def test_workers_that_claim_at_the_same_moment_share_one_pace(leads: Leads) -> None:
    school = _paced(leads, Pace(10, 300, at_once=64), 40)
    together, counts = threading.Barrier(8), list[int]()

    def claim() -> None:
        together.wait()
        for _ in range(3):
            counts.append(len(_claim(leads, school, 4)))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 10
    assert max(counts) == 4


def test_how_many_at_once_holds_as_well(leads: Leads) -> None:
    school = _paced(leads, Pace(100, 20, at_once=2), 5)
    assert _room(leads, school.destination_id) == 2


def test_a_destination_without_a_pace_is_not_held_back(leads: Leads) -> None:
    school = _paced(leads, Pace(1, 300, at_once=8), 4)
    with leads.unit_of_work() as work:
        work.destinations.set_pace(school.destination_id, None)
    assert len(_claim(leads, school, 10)) == 4
    assert leads_recent(leads, school) == []


def test_tests_of_a_destination_count(leads: Leads) -> None:
    school = _paced(leads, Pace(2, 300, at_once=8), 3)
    with leads.unit_of_work() as work:
        work.deliveries.create_test(school.destination_id, work.deliveries.now())
    with leads.unit_of_work() as work:
        assert len(work.deliveries.claim_regardless(5, 5, LEASE)) == 1
    assert len(_claim(leads, school, 10)) == 1


def test_leads_wait_for_their_turn_and_others_do_not_wait_for_them(leads: Leads) -> None:
    with MockReceiver() as slow, MockReceiver() as free:
        school = _paced(leads, Pace(3, 300, at_once=8), 6, slow.url)
        other = leads.school(free.url, unitid=110635)
        for _ in range(6):
            leads.delivery(other)
        with draining(leads.unit_of_work):
            assert free.wait_for(6)
            assert slow.wait_for(3)
            assert eventually(lambda: leads.statuses().count("delivered") == 9)
            _age(leads, school.destination_id, 331)
            assert slow.wait_for(6)
