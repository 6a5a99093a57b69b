"""Leads by mail: the drainer, a real mail server, and a mailbox where there is none."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as Keeping
from sqlalchemy import Engine

from commands.up.ports import free_port
from models.db.crypto import Keyring
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from workers.destinations.email.mock import MockMailServer
from workers.outbound.mail import Mailbox, MailOut, read_relay

FROM = "leads@match.example.org"


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def school(leads: Leads) -> TestSchool:
    return leads.school_of_kind("email", {"to": "admissions@example.edu"})


def relay(port: int) -> MailOut:
    return MailOut(relay=read_relay(f"smtp://localhost:{port}", FROM))


def message_id(delivery_id: Any) -> str:
    return f"<{show(Prefix.DELIVERY, delivery_id)}@schoolmatch.invalid>"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A mail server that keeps what it takes in a mail directory."""
    folder = tmp_path / "maildir"
    controller = Controller(Keeping(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port, folder
    controller.stop()


def test_a_lead_arrives_by_mail_and_stays_unconfirmed(
    leads: Leads, school: TestSchool, real: tuple[int, Path]
) -> None:
    port, folder = real
    delivery_id = leads.delivery(school)
    with draining(leads.unit_of_work, mail=relay(port)):
        assert eventually(lambda: leads.row(delivery_id).status == "unconfirmed")
    [kept] = Maildir(folder)
    message = message_from_bytes(kept.as_bytes(), policy=SMTP)
    assert message["Message-ID"] == message_id(delivery_id)
    assert message["From"] == f"schoolmatch <{FROM}>"
    assert message["X-RcptTo"] == "admissions@example.edu"
    text = message.get_body(("plain",))
    assert text is not None
    assert "Zoë Example" in text.get_content()
    [attempt] = leads.attempts(delivery_id)
    assert (attempt.outcome, attempt.code) == ("unconfirmed", 250)


def test_a_mail_whose_answer_is_lost_comes_again_under_the_same_id(
    leads: Leads, school: TestSchool
) -> None:
    with MockMailServer("answer_lost") as server:
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work, mail=relay(server.port)):
            assert eventually(lambda: len(server.received) >= 2)
            server.case = "good"
            assert eventually(lambda: leads.row(delivery_id).status == "unconfirmed")
        bytes_sent = {mailed.message for mailed in server.received}
    [message] = bytes_sent
    assert message_from_bytes(message)["Message-ID"] == message_id(delivery_id)


@pytest.mark.parametrize(
    ("case", "status", "reason"),
    [
        ("unknown_address", "failed", "smtp_550"),
        ("looks_like_spam", "failed", "smtp_554"),
        ("greylisted", "unconfirmed", "smtp_451"),
        ("mailbox_full", "unconfirmed", "smtp_452"),
        ("sender_refused", "unconfirmed", "smtp_553"),
    ],
)
def test_what_a_server_says_is_final_or_tried_again(
    leads: Leads, school: TestSchool, case: str, status: str, reason: str
) -> None:
    with MockMailServer(case) as server:
        delivery_id = leads.delivery(school)
        with draining(leads.unit_of_work, mail=relay(server.port)):
            assert eventually(lambda: len(_ended(leads, delivery_id)) >= 1)
            server.case = "good"
            assert eventually(lambda: leads.row(delivery_id).status == status)
    assert _ended(leads, delivery_id)[0].reason == reason
    assert len(server.received) == (status == "unconfirmed")


def _ended(leads: Leads, delivery_id: Any) -> list[Any]:
    return [each for each in leads.attempts(delivery_id) if each.finished_at is not None]


def test_without_a_server_mail_waits(leads: Leads, school: TestSchool) -> None:
    delivery_id = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert eventually(lambda: len(_ended(leads, delivery_id)) >= 1)
    assert _ended(leads, delivery_id)[0].reason == "mail_not_set_up"
    assert leads.row(delivery_id).status == "pending"


def test_without_a_server_a_mailbox_keeps_mail(
    leads: Leads, school: TestSchool, tmp_path: Path
) -> None:
    delivery_id = leads.delivery(school)
    out = MailOut(mailbox=Mailbox(tmp_path, FROM))
    with draining(leads.unit_of_work, mail=out):
        assert eventually(lambda: leads.row(delivery_id).status == "unconfirmed")
    [kept] = tmp_path.iterdir()
    assert message_from_bytes(kept.read_bytes())["Message-ID"] == message_id(delivery_id)


def test_a_withdrawal_is_mailed_too(leads: Leads, school: TestSchool, tmp_path: Path) -> None:
    lead_id = leads.lead(school)
    delivery_id = leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
    with draining(leads.unit_of_work, mail=MailOut(mailbox=Mailbox(tmp_path, FROM))):
        assert eventually(lambda: leads.row(delivery_id).status == "unconfirmed")
    [kept] = tmp_path.iterdir()
    message = message_from_bytes(kept.read_bytes(), policy=SMTP)
    assert message["Subject"] == "A student withdrew a request"
    assert b"zoe@example.com" not in kept.read_bytes()
