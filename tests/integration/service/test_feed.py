"""An organization's feed on a real database: what it holds, and that no row is ever passed over."""

import json
import random
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import ClaimedDelivery, DeliveryStatus, Outcome, Purpose
from models.domain.errors import ForbiddenError, InvalidInputError
from models.domain.feed import read_cursor, write_cursor
from models.domain.ids import Prefix, show
from models.domain.organization import ApiKeyHolder, Scope
from models.domain.sending import Settlement
from service.services import Services
from service.steps.read_feed import read_feed
from tests.support.draining import draining
from tests.support.leads import NOW, STUDENT, Leads, TestSchool, eventually
from workers.destinations.feed.mock import MockReader
from workers.destinations.webhook.mock import MockReceiver

WRITERS = 20
EACH = 8


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def school(leads: Leads) -> TestSchool:
    return leads.school_of_kind("feed")


def reader(leads: Leads, school: TestSchool, limit: int = 50) -> MockReader:
    services = cast("Services", SimpleNamespace(unit_of_work=leads.unit_of_work))
    holder = ApiKeyHolder(uuid4(), school.organization_id, frozenset({Scope.READ_LEADS}))

    def fetch(cursor: str | None) -> Mapping[str, Any]:
        page = read_feed(services, holder, cursor, limit)
        return {"items": page.items, "next_cursor": page.next_cursor, "more": page.more}

    return MockReader(fetch)


def put(leads: Leads, *deliveries: UUID) -> None:
    with draining(leads.unit_of_work):
        for each in deliveries:
            assert eventually(lambda each=each: leads.row(each).status == "delivered")  # type: ignore[misc]


def finish_as_workers_do(leads: Leads, school: TestSchool, delivery_id: UUID, pause: float) -> None:
    claim = ClaimedDelivery(
        delivery_id, None, school.destination_id, Purpose.TEST, 1, 0, 1, NOW + timedelta(days=9)
    )
    outcome = Outcome(DeliveryStatus.DELIVERED, "in_feed", place_in_feed=True)
    with leads.unit_of_work() as work:
        work.deliveries.finish([Settlement(claim, DeliveryStatus.DELIVERED, outcome)])
        time.sleep(pause)


def run_writers_against_a_reader(leads: Leads, school: TestSchool) -> tuple[set[str], MockReader]:
    """Let 20 writers write while a reader reads on from its cursor; return what was written."""
    with leads.unit_of_work() as work:
        ids = [
            [work.deliveries.create_test(school.destination_id, NOW) for _ in range(EACH)]
            for _ in range(WRITERS)
        ]
    begin = threading.Barrier(WRITERS + 1)

    def write(n: int) -> None:
        chance = random.Random(n)  # noqa: S311 - tests repeat
        begin.wait()
        for each in ids[n]:
            finish_as_workers_do(leads, school, each, chance.random() * 0.004)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in writers:
        thread.start()
    reading = reader(leads, school, limit=7)
    begin.wait()
    while any(thread.is_alive() for thread in writers):
        reading.read()
    reading.read()
    return {show(Prefix.DELIVERY, each) for some in ids for each in some}, reading


def test_a_reader_sees_every_item_up_to_its_cursor_while_20_write_invariant_12(
    leads: Leads, school: TestSchool
) -> None:
    written, reading = run_writers_against_a_reader(leads, school)
    assert {item["id"] for item in reading.items} == written
    assert len(reading.items) == len(written)
    assert reading.cursor == write_cursor({school.destination_id: WRITERS * EACH})


def test_the_same_reader_passes_over_items_when_numbers_are_identity_values(
    leads: Leads, school: TestSchool
) -> None:
    """The control: what the test of invariant 12 would catch does happen to the naive way."""
    leads.run("CREATE SEQUENCE naive")
    leads.run("UPDATE destination_state SET feed_sequence = 1000000")
    with leads.unit_of_work() as work:
        slow, quick = (work.deliveries.create_test(school.destination_id, NOW) for _ in range(2))
    # The naive way: a number as soon as it is asked for, whoever commits first.
    number = text("""UPDATE delivery SET status = 'delivered', feed_sequence = nextval('naive')
                     WHERE id = :id""")
    reading = reader(leads, school, limit=7)
    with leads.engine.begin() as first:
        first.execute(number, {"id": slow})
        with leads.engine.begin() as second:
            second.execute(number, {"id": quick})
        reading.read()
    reading.read()
    assert [item["id"] for item in reading.items] == [show(Prefix.DELIVERY, quick)]


def test_an_item_is_what_a_webhook_would_have_brought(leads: Leads, school: TestSchool) -> None:
    with MockReceiver() as receiver:
        hook = leads.school(receiver.url, unitid=193900)
        lead_id = leads.lead(school)
        fed = leads.deliver(school, lead_id)
        put(leads, fed, leads.deliver(hook, lead_id))
    reading = reader(leads, school)
    assert reading.read() == 1
    [item] = reading.items
    assert item.pop("id") == show(Prefix.DELIVERY, fed)  # type: ignore[attr-defined]
    assert item == json.loads(receiver.received[0].body)
    assert [a.outcome for a in leads.attempts(fed)] == ["delivered"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("withdraw", "lead.withdrawn"),
        ("delete", "lead.deleted"),
        ("suppress", "lead.withheld"),
    ],
)
def test_content_that_may_not_be_told_any_more_is_replaced_invariant_11(
    leads: Leads, school: TestSchool, keyring: Keyring, change: str, says: str
) -> None:
    lead_id = leads.lead(school)
    first = leads.deliver(school, lead_id)
    put(leads, first)
    early = reader(leads, school)
    early.read()
    assert STUDENT["email"] in json.dumps(early.items)
    then = [first]
    if change == "suppress":
        index = keyring.blind_index("email", STUDENT["email"])
        leads.run(
            "INSERT INTO suppression VALUES (:id, 'email', :i, 'a', now())", id=uuid4(), i=index
        )
    else:
        purpose = Purpose.WITHDRAWAL if change == "withdraw" else Purpose.DELETION
        then.append(leads.deliver(school, lead_id, purpose))
        put(leads, *then)
    if change == "delete":
        leads.run("UPDATE person_key SET wrapped = NULL, shredded_at = now()")
    late = reader(leads, school)
    late.read()
    assert [item["id"] for item in late.items] == [show(Prefix.DELIVERY, each) for each in then]
    assert {item["type"] for item in late.items} == {says}
    for item in late.items:
        assert item["data"].keys() == {"lead_id", "request_id", "school"}
        assert item["data"]["lead_id"] == show(Prefix.LEAD, lead_id)
        assert item["data"]["school"]["name"] == "Test College"
    for secret in (STUDENT["email"], STUDENT["last_name"], STUDENT["phone"]):
        assert secret not in json.dumps(late.items)


def test_an_early_reader_is_told_of_the_deletion_by_a_later_item(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    put(leads, leads.deliver(school, lead_id))
    reading = reader(leads, school)
    reading.read()
    put(leads, leads.deliver(school, lead_id, Purpose.DELETION))
    assert reading.read() == 1
    assert [item["type"] for item in reading.items] == ["lead.created", "lead.deleted"]


def test_a_replayed_item_comes_again_under_the_same_id(leads: Leads, school: TestSchool) -> None:
    delivery_id = leads.delivery(school)
    put(leads, delivery_id)
    reading = reader(leads, school)
    reading.read()
    with leads.unit_of_work() as work:
        work.deliveries.replay(delivery_id)
    put(leads, delivery_id)
    assert reading.read() == 1
    assert reading.items[0] == reading.items[1]


def test_two_feeds_of_an_organization_are_read_by_turns_with_one_cursor(leads: Leads) -> None:
    school, other = leads.school_of_kind("feed"), leads.school_of_kind("feed", unitid=193900)
    leads.run("UPDATE destination SET organization_id = :o", o=school.organization_id)
    with leads.unit_of_work() as work:
        busy = [work.deliveries.create_test(school.destination_id, NOW) for _ in range(5)]
        quiet = work.deliveries.create_test(other.destination_id, NOW)
    for each in busy:
        finish_as_workers_do(leads, school, each, 0)
    finish_as_workers_do(leads, other, quiet, 0)
    reading = reader(leads, school, limit=2)
    assert reading.read() == 6
    ids = [item["id"] for item in reading.items]
    assert show(Prefix.DELIVERY, quiet) in ids[:2]
    assert [i for i in ids if i != show(Prefix.DELIVERY, quiet)] == [
        show(Prefix.DELIVERY, each) for each in busy
    ]


def test_nobody_reads_anothers_feed_even_with_its_cursor(leads: Leads, school: TestSchool) -> None:
    put(leads, leads.delivery(school))
    own = reader(leads, school)
    own.read()
    stranger = reader(leads, leads.school_of_kind("feed", unitid=193900))
    stranger.cursor = write_cursor({school.destination_id: 0})
    assert stranger.read() == 0
    stranger.cursor = own.cursor
    assert stranger.read() == 0


def test_a_key_without_the_scope_reads_nothing(leads: Leads, school: TestSchool) -> None:
    services = cast("Services", SimpleNamespace(unit_of_work=leads.unit_of_work))
    holder = ApiKeyHolder(uuid4(), school.organization_id, frozenset({Scope.WRITE_DISPOSITIONS}))
    with pytest.raises(ForbiddenError):
        read_feed(services, holder, None, 10)


@pytest.mark.parametrize("cursor", ["", "17", "f1x", "f1" + "A" * 31, "f1" + "_" * 32, "f1Aé"])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_cursor(cursor)
    assert error.value.messages.keys() == {"cursor"}


def test_a_cursor_ahead_of_the_feed_is_refused_because_it_would_pass_over_items(
    leads: Leads, school: TestSchool
) -> None:
    reading = reader(leads, school)
    reading.cursor = write_cursor({school.destination_id: 1})
    with pytest.raises(InvalidInputError) as error:
        reading.read()
    assert error.value.messages.keys() == {"cursor"}
