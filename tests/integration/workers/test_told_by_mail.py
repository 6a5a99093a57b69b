"""What a school's system cannot be told goes to its people by e-mail, through the same ledger."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.afterwards import Told
from models.domain.clock import SystemClock
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.destination import DestinationStatus, Pace
from models.domain.ids import Prefix, show
from models.exchange.presets import PRESETS
from service.services import Services
from service.steps import change_request as step
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.email.mock import ANSWER_LOST, MockMailServer
from workers.destinations.form_post.mock import MockSystem
from workers.destinations.webhook.mock import MockReceiver, Received, Reply
from workers.outbound.mail import MailOut, read_relay

CONTACT = "admissions@school.example"
CHANGES = (Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def relay(server: MockMailServer) -> MailOut:
    return MailOut(relay=read_relay(f"smtp://localhost:{server.port}", "leads@match.example.org"))


@contextmanager
def playing(leads: Leads, preset: str) -> Iterator[tuple[MockSystem, TestSchool]]:
    """A school whose system cannot take a lead back."""
    answers = {**PRESETS[preset].examples, "contact": CONTACT}
    settings, secrets = PRESETS[preset].expand(answers)
    with MockSystem(preset) as system:
        yield system, leads.school_of_kind("form_post", system.stand_in(settings), secrets)


def deliver(leads: Leads, delivery_id: UUID) -> UUID:
    """Bring a lead to its school; return the lead."""
    with draining(leads.unit_of_work):
        assert eventually(lambda: leads.row(delivery_id).settled_at is not None, 30)
    lead_id: UUID = leads.row(delivery_id).lead_id
    return lead_id


def change(leads: Leads, lead_id: UUID, purpose: Purpose) -> UUID:
    """Do as a student does; return the delivery by which the school is told."""
    outside = SimpleNamespace(
        unit_of_work=leads.unit_of_work, clock=SystemClock(), nudge=lambda: None
    )
    services = cast("Services", outside)
    lead = _one(leads, "SELECT request_id, unitid FROM lead WHERE id = :id", id=lead_id)
    if purpose is Purpose.WITHDRAWAL:
        step.withdraw(services, lead.request_id, [lead.unitid])
    elif purpose is Purpose.DELETION:
        step.delete(services, lead.request_id)
    else:
        student = step.view_afterwards(services, lead.request_id).student
        assert student is not None
        assert step.correct(services, lead.request_id, replace(student, first_name="Zora"))
    made: UUID = _one(
        leads,
        "SELECT id FROM delivery WHERE lead_id = :id AND purpose = :purpose",
        id=lead_id,
        purpose=purpose.value,
    ).id
    return made


def told(leads: Leads, lead_id: UUID) -> list[Told]:
    request = _one(leads, "SELECT request_id FROM lead WHERE id = :id", id=lead_id)
    with leads.unit_of_work() as work:
        return list(work.afterwards.told(request.request_id))


def _one(leads: Leads, statement: str, **values: Any) -> Any:
    with leads.engine.connect() as connection:
        return connection.execute(text(statement), values).one()


def _text(message: bytes) -> tuple[EmailMessage, str]:
    read = cast("EmailMessage", message_from_bytes(message, policy=cast("Any", SMTP)))
    body = read.get_body(("plain",))
    assert body is not None
    return read, str(body.get_content())


@pytest.mark.parametrize("preset", ["salesforce_web_to_lead", "marketo_forms", "educationdynamics"])
@pytest.mark.parametrize("purpose", CHANGES)
def test_a_change_that_a_system_cannot_take_is_mailed_to_people_of_its_school(
    leads: Leads, preset: str, purpose: Purpose
) -> None:
    with playing(leads, preset) as (system, school), MockMailServer() as server:
        lead_id = deliver(leads, leads.delivery(school))
        before = len(system.received)
        made = change(leads, lead_id, purpose)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
        assert len(system.received) == before, "it would be one more lead there"
    [mailed] = server.received
    assert mailed.recipients == (CONTACT,)
    message, words = _text(mailed.message)
    assert message["Message-ID"] == f"<{show(Prefix.DELIVERY, made)}@schoolmatch.invalid>"
    assert show(Prefix.LEAD, lead_id) in words
    assert ("Zora" in words) is (purpose is Purpose.CORRECTION)
    assert "zoe@example.com" not in words or purpose is Purpose.CORRECTION
    [said] = told(leads, lead_id)
    assert (said.purpose, said.by_mail, said.arrived) == (purpose, True, True)
    assert said.settled_at == leads.row(made).settled_at


def test_it_is_tried_again_as_the_same_mail_and_says_nothing_of_the_system(leads: Leads) -> None:
    """The school's own system is well: a mail server that hangs up must not slow it."""
    with playing(leads, "slate_post") as (_, school), MockMailServer(ANSWER_LOST) as server:
        made = change(leads, deliver(leads, leads.delivery(school)), Purpose.WITHDRAWAL)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).attempts >= 6, 30)
            state = "SELECT failures, breaker, next_allowed_at FROM destination_state"
            assert tuple(_one(leads, state)) == (0, "closed", None)
            server.case = "good"
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert len(server.received) >= 7
    assert len({each.message for each in server.received}) == 1
    assert [row.outcome for row in leads.attempts(made)][-2:] == ["pending", "unconfirmed"]


@pytest.mark.parametrize("status", ["disabled", "paused"])
def test_a_system_that_was_switched_off_holds_up_no_withdrawal(leads: Leads, status: str) -> None:
    """Also one that could be told: its school must hear of it all the same."""
    with MockReceiver() as receiver, MockMailServer() as server:
        keys = {"signing_keys": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}
        settings = {"url": receiver.url, "contact": CONTACT}
        school = leads.school_of_kind("webhook", settings, keys)
        lead_id = deliver(leads, leads.delivery(school))
        leads.run("UPDATE destination SET status = :status", status=status)
        made = change(leads, lead_id, Purpose.WITHDRAWAL)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert [each.recipients for each in server.received] == [(CONTACT,)]
    assert len(receiver.received) == 1, "the lead alone"


def test_a_breaker_that_is_open_and_a_pace_that_is_used_up_hold_up_no_withdrawal(
    leads: Leads,
) -> None:
    with playing(leads, "salesforce_web_to_lead") as (_, school), MockMailServer() as server:
        made = change(leads, deliver(leads, leads.delivery(school)), Purpose.WITHDRAWAL)
        with leads.unit_of_work() as work:
            work.destinations.set_pace(school.destination_id, Pace(1, 86_400, 1))
        leads.run(
            "UPDATE destination_state SET breaker = 'open', "
            "next_allowed_at = now() + interval '1 day'"
        )
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
        # It is no call to their system, so it does not count among those.
        counted = "SELECT cardinality(recent) AS posts, breaker FROM destination_state"
        assert tuple(_one(leads, counted)) == (0, "open")


def test_without_mail_it_waits_and_is_not_said_to_be_told(leads: Leads) -> None:
    with playing(leads, "marketo_forms") as (_, school):
        lead_id = deliver(leads, leads.delivery(school))
        made = change(leads, lead_id, Purpose.WITHDRAWAL)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(made).attempts >= 2, 30)
        [said] = told(leads, lead_id)
        assert not said.arrived


def test_a_contact_that_was_taken_away_meanwhile_is_a_failure_that_is_seen(leads: Leads) -> None:
    with playing(leads, "marketo_forms") as (system, school):
        lead_id = deliver(leads, leads.delivery(school))
        posts = len(system.received)
        made = change(leads, lead_id, Purpose.WITHDRAWAL)
        leads.run("UPDATE destination_version SET settings = settings - 'contact'")
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(made).status == "failed", 30)
        assert len(system.received) == posts
        [said] = told(leads, lead_id)
        assert said.status is DeliveryStatus.FAILED


def test_who_refused_a_lead_or_never_got_it_is_not_given_it_as_a_correction(leads: Leads) -> None:
    """A correction says the whole lead: to tell it where none arrived would give it away."""
    without = ("rejected", "failed", "expired", "poison", "cancelled")
    with playing(leads, "marketo_forms") as (_, school), MockMailServer() as server:
        corrections: dict[str, UUID] = {}
        for status in (*without, "delivered", "unconfirmed", "duplicate", "in_doubt"):
            delivery_id = leads.delivery(school)
            leads.set(delivery_id, status=status, attempts=1, claims=1)
            lead_id = leads.row(delivery_id).lead_id
            corrections[status] = change(leads, lead_id, Purpose.CORRECTION)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: all(leads.row(d).settled_at for d in corrections.values()))
        became = {status: leads.row(made).status for status, made in corrections.items()}
    assert {status for status in became if became[status] == "cancelled"} == set(without)
    assert set(became.values()) == {"cancelled", "unconfirmed"}
    assert len(server.received) == 4


def test_people_who_get_leads_by_mail_hear_of_a_withdrawal_while_that_is_paused(
    leads: Leads,
) -> None:
    with MockMailServer() as server:
        school = leads.school_of_kind("email", {"to": CONTACT})
        delivery_id = leads.delivery(school)
        leads.set(delivery_id, status="unconfirmed", attempts=1, claims=1)
        leads.run("UPDATE destination SET status = 'paused'")
        made = change(leads, leads.row(delivery_id).lead_id, Purpose.WITHDRAWAL)
        assert leads.row(made).by_mail
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert [each.recipients for each in server.received] == [(CONTACT,)]


@contextmanager
def answering(
    leads: Leads, reply: Callable[[Received], Reply]
) -> Iterator[tuple[MockReceiver, MockMailServer, UUID]]:
    """A school whose own system has a lead, which can be told of changes."""
    with MockReceiver(reply) as receiver, MockMailServer() as server:
        keys = {"signing_keys": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}
        school = leads.school_of_kind("webhook", {"url": receiver.url, "contact": CONTACT}, keys)
        yield receiver, server, deliver(leads, leads.delivery(school))


def test_a_change_that_finds_its_system_gone_is_mailed_and_so_are_those_that_wait(
    leads: Leads,
) -> None:
    def gone(received: Received) -> Reply:
        return Reply() if b"lead.created" in received.body else Reply(410)

    with answering(leads, gone) as (receiver, server, lead_id):
        corrected = change(leads, lead_id, Purpose.CORRECTION)
        later = "UPDATE delivery SET due_at = now() + interval '1 day' WHERE id = :id"
        leads.run(later, id=corrected)
        made = change(leads, lead_id, Purpose.DELETION)
        leads.run("UPDATE delivery SET due_at = now() + interval '1 day' WHERE id <> :id", id=made)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(corrected).settled_at is not None, 30)
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert leads.row(corrected).by_mail, "it is due at once, and no lead is told by it any more"
    assert len(receiver.received) == 2
    assert [each.recipients for each in server.received] == [(CONTACT,)]
    assert [row.code for row in leads.attempts(made)] == [410, 250]


def test_a_withdrawal_that_is_tried_when_its_system_is_paused_is_mailed(leads: Leads) -> None:
    arrived, paused = threading.Event(), threading.Event()

    def busy(received: Received) -> Reply:
        if b"lead.created" in received.body:
            return Reply()
        arrived.set()
        paused.wait(30)
        return Reply(503)

    with answering(leads, busy) as (receiver, server, lead_id):
        made = change(leads, lead_id, Purpose.WITHDRAWAL)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert arrived.wait(30)
            with leads.unit_of_work() as work:
                found = leads.row(made).destination_id
                work.destinations.set_status(found, DestinationStatus.PAUSED)
            paused.set()
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert len(receiver.received) == 2
    assert [each.recipients for each in server.received] == [(CONTACT,)]


def test_a_withdrawal_that_waits_when_its_system_is_paused_is_mailed(leads: Leads) -> None:
    with answering(leads, lambda _received: Reply()) as (receiver, server, lead_id):
        made = change(leads, lead_id, Purpose.WITHDRAWAL)
        with leads.unit_of_work() as work:
            found = leads.row(made).destination_id
            work.destinations.set_status(found, DestinationStatus.PAUSED)
        with draining(leads.unit_of_work, mail=relay(server)):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert len(receiver.received) == 1
    assert [each.recipients for each in server.received] == [(CONTACT,)]
