import hashlib
import json
import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook

from models.db.crypto import Keyring
from models.domain.consent import Channel
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from tests.support.draining import draining
from tests.support.leads import SIGNING_KEY, Leads, eventually
from workers.destinations.webhook.mock import MockReceiver, Received, Reply, always, in_turn


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def test_a_due_lead_arrives_signed_and_is_settled(leads: Leads) -> None:
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    [received] = receiver.received
    assert received.id == show(Prefix.DELIVERY, delivery_id)
    body = Webhook(SIGNING_KEY).verify(received.body, dict(received.headers))
    assert body["type"] == "lead.created"
    assert body["data"]["student"]["email"] == "zoe@example.com"
    assert body["data"]["student"]["first_name"] == "Zoë"
    assert body["data"]["programs"][0]["cip"] == "51.07"
    assert body["data"]["answers"] == {"why": "work"}
    [attempt] = leads.attempts(delivery_id)
    assert (attempt.n, attempt.code, attempt.outcome) == (1, 204, "delivered")
    assert attempt.finished_at >= attempt.started_at


def test_a_nudge_wakes_a_drainer_that_would_not_look_for_an_hour(leads: Leads) -> None:
    with MockReceiver() as receiver, draining(leads.unit_of_work, poll_seconds=3600) as drainer:
        school = leads.school(receiver.url)
        for n in range(1, 4):
            leads.delivery(school)
            drainer.nudge()
            assert receiver.wait_for(n, 30)


def test_the_attempt_row_is_committed_before_the_first_byte_leaves_invariant_7(
    leads: Leads,
) -> None:
    seen: list[int] = []

    def look(received: Received) -> Reply:
        del received
        seen.append(len(leads.attempts(delivery_id)))
        return Reply()

    with MockReceiver(look) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert seen == [1]


def test_every_try_carries_the_same_id_and_bytes_invariant_5(leads: Leads) -> None:
    with MockReceiver(in_turn(Reply(503), Reply(500), Reply(200, body=b"ok"))) as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert receiver.wait_for(1)
            # What the student said is frozen at the first try, whatever the rows say later.
            leads.run("UPDATE request SET slate = jsonb_set(slate, '{listings}', '[]')")
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert len(receiver.received) == 3
    assert {r.id for r in receiver.received} == {show(Prefix.DELIVERY, delivery_id)}
    [digest] = {hashlib.sha256(r.body).digest() for r in receiver.received}
    assert leads.row(delivery_id).body_hash == digest
    assert [a.code for a in leads.attempts(delivery_id)] == [503, 500, 200]


def test_a_body_rests_sealed(leads: Leads) -> None:
    with MockReceiver(always(Reply(200, body=b"hello zoe@example.com"))) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert b"zoe@example.com" not in leads.row(delivery_id).body
    assert b"zoe@example.com" not in leads.attempts(delivery_id)[0].answer_head


def test_all_live_keys_sign_while_a_key_changes(leads: Leads) -> None:
    old = "whsec_" + "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url, keys=(SIGNING_KEY, old)))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    [received] = receiver.received
    for key in (SIGNING_KEY, old):
        assert Webhook(key).verify(received.body, dict(received.headers))


@pytest.mark.parametrize(
    ("channels", "there"),
    [
        ((Channel.EMAIL,), {"email"}),
        ((Channel.CALL,), {"phone"}),
        ((Channel.TEXT,), {"phone"}),
        ((Channel.EMAIL, Channel.TEXT), {"email", "phone"}),
    ],
)
def test_contact_points_of_unticked_channels_never_leave_invariant_3(
    leads: Leads, channels: tuple[Channel, ...], there: set[str]
) -> None:
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url), channels=channels)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    data = json.loads(receiver.received[0].body)["data"]
    assert data["student"].keys() & {"email", "phone"} == there
    assert data["consented_channels"] == [c.value for c in channels]
    assert ("+14045550123" in receiver.received[0].body.decode()) is ("phone" in there)


def test_a_lead_without_consent_never_leaves_invariant_3(leads: Leads) -> None:
    with MockReceiver() as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url), channels=())
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "cancelled")
    assert receiver.received == []


@pytest.mark.parametrize("change", ["suppress", "withdraw"])
def test_what_is_suppressed_or_withdrawn_between_tries_is_not_tried_again(
    leads: Leads, keyring: Keyring, change: str
) -> None:
    changed = threading.Event()

    def answer(received: Received) -> Reply:
        changed.wait(5)
        return Reply(503 if json.loads(received.body)["type"] == "lead.created" else 204)

    with MockReceiver(answer) as receiver:
        school = leads.school(receiver.url)
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert receiver.wait_for(1)
            if change == "suppress":
                leads.run(
                    "INSERT INTO suppression "
                    "VALUES (gen_random_uuid(), 'email', :i, 'asked', now())",
                    i=keyring.blind_index("email", "Zoe@Example.com "),
                )
            else:
                leads.deliver(school, leads.row(delivery_id).lead_id, Purpose.WITHDRAWAL)
            changed.set()
            assert eventually(lambda: leads.row(delivery_id).status == "cancelled")
            assert eventually(lambda: "leased" not in leads.statuses())
    created = [r for r in receiver.received if json.loads(r.body)["type"] == "lead.created"]
    assert len(created) == 1
    if change == "withdraw":
        assert "student" not in json.loads(receiver.received[-1].body)["data"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(400), "http_400"),
        (Reply(302, {"location": "http://127.0.0.1:1/"}), "redirect_not_followed"),
        (Reply(404), "http_404"),
    ],
)
def test_a_final_no_fails_at_once(leads: Leads, reply: Reply, reason: str) -> None:
    with MockReceiver(always(reply)) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "failed")
    assert len(receiver.received) == 1
    assert leads.attempts(delivery_id)[0].reason == reason


def test_a_receiver_that_is_gone_is_disabled_and_gets_nothing_more(leads: Leads) -> None:
    with MockReceiver(always(Reply(410))) as receiver:
        school = leads.school(receiver.url)
        first = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(first).status == "failed")
            second = leads.delivery(school)
            time.sleep(0.3)
    assert len(receiver.received) == 1
    assert leads.row(second).status == "pending"
    with leads.unit_of_work() as work:
        assert work.destinations.get(school.destination_id).status == "disabled"


def test_a_receiver_that_asks_for_time_slows_the_whole_destination(leads: Leads) -> None:
    with MockReceiver(always(Reply(429, {"retry-after": "60"}))) as receiver:
        school = leads.school(receiver.url)
        first = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: bool(leads.attempts(first)) and _closed(leads, first))
            second = leads.delivery(school)
            time.sleep(0.3)
    assert len(receiver.received) == 1
    assert leads.attempts(second) == []
    row = leads.row(first)
    assert row.status == "pending"
    assert timedelta(seconds=55) < row.due_at - leads.attempts(first)[0].finished_at


def _closed(leads: Leads, delivery_id: UUID) -> bool:
    return leads.attempts(delivery_id)[-1].finished_at is not None
