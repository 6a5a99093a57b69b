"""What a student changed was on its way, its worker died, and its destination was switched off."""

import threading
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.destination import DestinationStatus
from tests.support.draining import draining
from tests.support.leads import SIGNING_KEY, Leads, TestSchool, eventually
from tests.support.worker_process import worker
from workers.destinations.email.mock import MockMailServer
from workers.destinations.webhook.mock import MockReceiver, Received, Reply
from workers.outbound.mail import MailOut, read_relay

CONTACT = "admissions@school.example"


def _with_a_lead(leads: Leads, url: str) -> tuple[TestSchool, UUID]:
    """A school that names an address of people, and a lead that its system has."""
    settings = {"url": url, "contact": CONTACT}
    school = leads.school_of_kind("webhook", settings, {"signing_keys": [SIGNING_KEY]})
    lead_id = leads.lead(school)
    leads.set(leads.deliver(school, lead_id), status="delivered", claims=1, attempts=1)
    return school, lead_id


def test_people_of_the_school_are_told_by_mail_what_a_dead_worker_was_sending(
    leads: Leads, database_url: str
) -> None:
    held = threading.Event()

    def slow(_received: Received) -> Reply:
        held.wait(30)
        return Reply(503)

    with MockReceiver(slow) as receiver, MockMailServer() as server:
        school, lead_id = _with_a_lead(leads, receiver.url)
        with worker(database_url, 1) as doomed:
            made = leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
            assert receiver.wait_for(1, 60)
            doomed.kill()
            doomed.wait()
        held.set()
        with leads.unit_of_work() as work:
            work.destinations.set_status(school.destination_id, DestinationStatus.PAUSED)
        assert leads.row(made).status == "leased", "it was away when all that waits was looked at"
        mail = MailOut(relay=read_relay(f"smtp://localhost:{server.port}", "us@match.example.org"))
        with draining(leads.unit_of_work, mail=mail):
            assert eventually(lambda: leads.row(made).status == "unconfirmed", 30)
    assert [each.recipients for each in server.received] == [(CONTACT,)]
    assert [tried.reason for tried in leads.attempts(made)] == ["worker_lost", "handed_over"]
    assert len(receiver.received) == 1
