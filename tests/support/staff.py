"""People on the staff for tests: made, with their codes, logged in through the real pages."""

from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from models.domain.clock import FixedClock
from models.domain.ids import Prefix, show
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.staff import Lock, Role, Staff
from service.steps.staff_inviting import NewStaff, add_staff
from service.steps.staff_locks import code_now, hash_password, new_secret
from tests.support.browser import PlainBrowser, into_app
from tests.support.leads import Leads, TestSchool

PASSWORD = "correct horse battery"
_BY = Actor(ActorKind.COMMAND, "test")


@dataclass(frozen=True)
class Person:
    """Somebody with what opens their account."""

    staff: Staff
    secret: str

    @property
    def email(self) -> str:
        return self.staff.email


@dataclass
class Rooms:
    """A service whose clock a test moves, and the people in it."""

    app: Flask
    unit_of_work: UnitOfWorkFactory
    clock: FixedClock
    leads: Leads
    schools: dict[str, TestSchool] = field(default_factory=dict)

    def pass_time(self, **time: int) -> None:
        self.clock.at += timedelta(**time)

    def person(
        self,
        email: str,
        organization: UUID | None = None,
        role: Role = Role.MEMBER,
        *,
        operator: bool = False,
    ) -> Person:
        """Add somebody who has set their account up."""
        secret = new_secret()
        with self.unit_of_work() as work:
            new = NewStaff(email, email, organization, role, is_operator=operator)
            made, _ = add_staff(work, new, _BY, self.clock.now())
            work.staff.set_lock(made.id, Lock(hash_password(PASSWORD), secret))
        return Person(made, secret)

    def code(self, person: Person) -> str:
        """The code that their app shows: a new one, as if half a minute had passed."""
        self.pass_time(seconds=31)
        return code_now(person.secret, self.clock.now())

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def browser(self) -> PlainBrowser:
        return PlainBrowser(into_app(self.client))

    def log_in(
        self, person: Person, browser: PlainBrowser | None = None, **typed: str
    ) -> PlainBrowser:
        """Log in through the page."""
        browser = browser or self.browser()
        browser.open("/staff/login")
        browser.fill("Email address", typed.get("email", person.email))
        browser.fill("Password", typed.get("password", PASSWORD))
        browser.fill("One-time code", typed.get("code") or self.code(person))
        browser.press("Log in")
        return browser

    def mails(self) -> list[tuple[str, str]]:
        """Take out the mail that waits: to whom, and its subject and text."""
        with self.unit_of_work() as work:
            held = work.messages.claim(100, timedelta(minutes=1))
        found = []
        for one in held:
            mail = message_from_bytes(one.content, policy=SMTP)
            body = mail.get_body(("plain",))
            assert body is not None
            found.append((one.recipient, f"{mail['Subject']}\n{body.get_content()}"))
        return found

    def link_mailed(self, to: str) -> str:
        """Follow what the one mail to somebody says: its link to our pages, from the path on."""
        [text] = [text for recipient, text in self.mails() if recipient == to]
        [link] = [line for line in text.splitlines() if "/staff/" in line]
        return urlsplit(link).path

    def rows(self, table: str) -> list[Any]:
        with self.leads.engine.connect() as connection:
            from sqlalchemy import text

            return list(connection.execute(text(f"SELECT * FROM {table}")))  # noqa: S608


def room(school: TestSchool, path: str) -> str:
    """An address in a school's rooms."""
    return f"/staff/{show(Prefix.ORGANIZATION, school.organization_id)}/{path}"


def press(browser: PlainBrowser, name: str) -> None:
    """Press the first button that begins so, where many things have one each."""
    for form in browser.page.all("form"):
        for button in form.all("button"):
            if button.text.startswith(name):
                browser.press(button.text)
                return
    raise AssertionError(f"no button begins with {name!r}")
