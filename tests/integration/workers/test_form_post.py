"""Leads on their whole way to systems that schools use, played with all their ways of saying no."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from models.db.crypto import Keyring
from models.domain.consent import Channel
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.exchange.presets import PRESETS
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.form_post.mock import MockSystem
from workers.mocks import Reply, in_turn


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@contextmanager
def playing(
    leads: Leads, preset: str, case: str = "good", **changes: Any
) -> Iterator[tuple[MockSystem, TestSchool]]:
    """A school whose destination is a preset on its mock."""
    settings, secrets = PRESETS[preset].expand(PRESETS[preset].examples)
    with MockSystem(preset, case) as system:
        settings = {**system.stand_in(settings), **changes}
        yield system, leads.school_of_kind("form_post", settings, secrets)


def reasons(leads: Leads, delivery_id: Any) -> list[tuple[str, str, str]]:
    return [(row.step, row.outcome, row.reason) for row in leads.attempts(delivery_id)]


@pytest.mark.parametrize(
    ("preset", "case", "status", "lead"),
    [
        ("salesforce_web_to_lead", "good", "unconfirmed", "unconfirmed"),
        ("hubspot_forms", "good", "delivered", "sent"),
        ("hubspot_forms", "bad_address", "rejected", "rejected"),
        ("slate_post", "good", "unconfirmed", "unconfirmed"),
        ("marketo_forms", "good", "delivered", "sent"),
        ("marketo_forms", "skipped", "rejected", "rejected"),
        ("marketo_forms", "lead_exists", "duplicate", "duplicate"),
        ("marketo_forms", "refused", "failed", "failed"),
        ("educationdynamics", "good", "delivered", "sent"),
        ("educationdynamics", "duplicate", "duplicate", "duplicate"),
        ("educationdynamics", "quota_reached", "rejected", "rejected"),
        ("educationdynamics", "notice_page", "in_doubt", "unconfirmed"),
    ],
)
def test_a_200_that_means_no_is_no(
    leads: Leads, preset: str, case: str, status: str, lead: str
) -> None:
    with playing(leads, preset, case) as (system, school):
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == status)
    posts = [r for r in system.received if "token" not in r.path]
    assert [r.headers["idempotency-key"] for r in posts] == [show(Prefix.DELIVERY, delivery_id)]
    with leads.unit_of_work() as work:
        assert work.deliveries.of_lead(leads.row(delivery_id).lead_id).status == lead


def test_their_id_of_a_lead_is_kept(leads: Leads) -> None:
    with playing(leads, "marketo_forms") as (_, school):
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert leads.row(delivery_id).receiver_reference == "318592"


def test_an_answer_that_no_rule_knows_is_loud_and_never_tried_again_by_itself(
    leads: Leads,
) -> None:
    with playing(leads, "hubspot_forms", "notice_page") as (system, school):
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work), capture_logs() as logs:
            assert eventually(lambda: leads.row(delivery_id).status == "in_doubt")
            assert eventually(lambda: any(e["event"] == "answer_not_understood" for e in logs))
            [alarm] = [e for e in logs if e["event"] == "answer_not_understood"]
            assert alarm["log_level"] == "error"
            assert alarm["delivery"] == show(Prefix.DELIVERY, delivery_id)
            leads.run("UPDATE delivery SET expires_at = now()")
            assert eventually(lambda: leads.row(delivery_id).status == "failed")
    assert len(system.received) == 1


def test_a_busy_system_is_tried_again_with_the_same_bytes(leads: Leads) -> None:
    with playing(leads, "marketo_forms") as (system, school):
        busy = Reply(200, {}, b'{"success":false,"errors":[{"code":"713","message":"m"}]}')
        play = system.answering
        answers = in_turn(busy, Reply(204))
        first: list[Any] = []

        def answer(received: Any) -> Reply:
            if "token" in received.path or first:
                return play(received)
            first.append(received)
            return answers(received)

        system.answering = answer
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    one, other = [r for r in system.received if "token" not in r.path]
    assert (one.body, one.headers["idempotency-key"]) == (
        other.body,
        other.headers["idempotency-key"],
    )
    assert reasons(leads, delivery_id) == [
        ("send", "pending", "away"),
        ("send", "delivered", "kept"),
    ]


def test_an_attempt_that_ended_at_its_token_says_so(leads: Leads) -> None:
    with playing(leads, "marketo_forms", "wrong_secret") as (system, school):
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).attempts >= 2)
    assert set(reasons(leads, delivery_id)[:1]) == {("token", "pending", "token_refused")}
    assert all("identity/oauth/token" in r.path for r in system.received)


def test_no_credential_is_kept_with_a_delivery(leads: Leads, keyring: Keyring) -> None:
    with playing(leads, "educationdynamics") as (system, school):
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
    assert b'"APIKey":"made-up-api-key"' in system.received[0].body
    assert b"made-up-api-key" not in _kept_body(leads, keyring, delivery_id)
    assert b"Zo\xc3\xab" in _kept_body(leads, keyring, delivery_id)


def test_a_lead_without_what_the_school_requires_fails_and_is_named_in_the_log(
    leads: Leads,
) -> None:
    with (
        playing(leads, "hubspot_forms") as (system, school),
        draining(leads.unit_of_work),
        capture_logs() as logs,
    ):
        delivery_id = leads.delivery(school, channels=[Channel.CALL])
        assert eventually(lambda: leads.row(delivery_id).status == "failed")
    assert system.received == []
    [said] = [e for e in logs if e["event"] == "unrenderable"]
    assert said["error"].endswith("name=email].value")
    assert "zoe" not in str(logs).lower()


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DELETION])
def test_a_form_is_never_filled_in_again_to_take_a_lead_back(
    leads: Leads, purpose: Purpose
) -> None:
    with playing(leads, "slate_post") as (system, school):
        delivery_id = leads.deliver(school, leads.lead(school), purpose)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "failed")
    assert system.received == []


def test_the_token_of_a_system_serves_many_leads(leads: Leads) -> None:
    with playing(leads, "marketo_forms") as (system, school):
        for _ in range(12):
            leads.delivery(school)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.statuses() == ["delivered"] * 12)
    fetched = [r for r in system.received if "token" in r.path]
    # Each of the four senders may have asked before the first answer came.
    assert 1 <= len(fetched) <= 4


def _kept_body(leads: Leads, keyring: Keyring, delivery_id: Any) -> bytes:
    from models.db.repositories.delivery_opening import open_deliveries

    with leads.engine.begin() as connection:
        opened = open_deliveries(connection, keyring, [delivery_id])[delivery_id]
    assert opened.body is not None
    return opened.body


def test_no_log_line_and_no_plain_column_holds_what_a_student_typed(leads: Leads) -> None:
    with (
        playing(leads, "educationdynamics", "refused") as (_, school),
        draining(leads.unit_of_work),
        capture_logs() as logs,
    ):
        delivery_id = leads.delivery(school)
        assert eventually(lambda: leads.row(delivery_id).status == "rejected")
    with leads.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT reason, code, outcome FROM attempt")).all())
    assert not re.search("zoe|zoë|4045550123|Phone is not valid", rows + str(logs), re.IGNORECASE)
