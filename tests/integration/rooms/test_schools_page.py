"""docs/schools.md alone is enough: somebody who does what it says, and nothing else, gets leads."""

import csv
import io
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from models.domain.staff import Role
from tests.support.browser import PlainBrowser
from tests.support.draining import draining
from tests.support.leads import NOW, STUDENT, TestSchool, eventually
from tests.support.staff import Person, Rooms, press
from workers.destinations.email.mock import MockMailServer
from workers.outbound.mail import MailOut, read_relay

PAGE = (Path(__file__).parents[3] / "docs" / "schools.md").read_text()
ADDRESS = "admissions@elm.example"
MOST_STEPS = 15


class Reader:
    """Follows the page: every door and button must be named on it, in bold."""

    def __init__(self, browser: PlainBrowser) -> None:
        self.browser = browser
        self.steps = 0

    def follow(self, words: str) -> None:
        self._named(words)
        self.browser.follow(words)

    def press(self, words: str, of: str = "") -> None:
        self._named(words)
        self.browser.press(f"{words} {of}".strip())

    def fill(self, label: str, text: str, *, said: str) -> None:
        assert said in PAGE, said
        self.steps += 1
        self.browser.fill(label, text)

    def _named(self, words: str) -> None:
        assert f"**{words}**" in PAGE, words
        self.steps += 1


@pytest.fixture
def elm(rooms: Rooms) -> Person:
    """The admin of an organization that has nothing yet."""
    with rooms.unit_of_work() as work:
        made = work.organizations.create("Elm", fictional=True, now=NOW)
    return rooms.person("admin@elm.example", made.id, Role.ADMIN)


def test_a_school_takes_leads_by_mail_in_fifteen_steps(
    rooms: Rooms, elm: Person, operator: Person
) -> None:
    here = rooms.log_in(elm)
    here.open("/staff/")
    reader = Reader(here)
    with MockMailServer("good") as server:
        relay = read_relay(f"smtp://localhost:{server.port}", "schoolmatch@example.com")
        with draining(rooms.unit_of_work, mail=MailOut(relay=relay)):
            reader.follow("Destinations")
            reader.follow("Set a destination up")
            reader.follow("E-mail")
            said = "address that several people of your school read"
            reader.fill("Address", ADDRESS, said=said)
            reader.press("Make the draft")
            reader.press("Send a test")
            assert eventually(lambda: len(server.received) == 1, 30)
            assert b"Test Schoolmatch" in server.received[0].message
            reader.follow("Listings")
            reader.fill("School\u2019s name", "college", said="Search for your school by its name")
            here.press("Search")
            box = here.page.all("input", name="school")[0]
            here.choose(next(x for x in here.page.all("label") if x["for"] == box["id"]).text)
            reader.press("Claim this listing")
            reader.steps += 2  # searching and choosing
            office = rooms.log_in(operator)
            office.open("/staff/operator/approvals")
            press(office, "Approve")
            unitid = int(box["value"].removeprefix("sch_"))
            with rooms.unit_of_work() as work:
                [destination] = work.destinations.open_schools([unitid])[unitid].open_to
                taking = work.destinations.taking_requests()[unitid]
            rooms.leads.delivery(TestSchool(unitid, taking.organization_id, destination))
            assert eventually(lambda: len(server.received) == 2, 30)
    assert reader.steps <= MOST_STEPS
    assert taking.organic
    mail = message_from_bytes(server.received[1].message, policy=SMTP)
    [table] = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/csv"]
    [row] = csv.DictReader(io.StringIO(table))
    assert row["email"] == STUDENT["email"]
    assert row["placement"] == "Organic"


def test_an_address_that_cannot_be_used_is_refused(rooms: Rooms, elm: Person) -> None:
    here = rooms.log_in(elm)
    here.open("/staff/")
    here.follow("Destinations")
    here.follow("Set a destination up")
    here.follow("E-mail")
    here.fill("Address", "nobody")
    here.press("Make the draft")
    assert "Use one address" in here.text
    with rooms.unit_of_work() as work:
        assert [each.kind for each in work.destinations.all()] == ["webhook", "webhook"]
