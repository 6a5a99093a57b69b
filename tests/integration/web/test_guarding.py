"""Programs that send forms, and students who are taken for one: nobody loses what they typed."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis

from models.domain.clock import FixedClock
from models.domain.guarding import GuardRules, SendingLimit, Subject
from models.outbound.resolving import Resolver
from service.sending_counts import SendingCounts
from service.services import Counted
from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser
from tests.support.ports import lasting_port
from workers.maintenance.messages import send_messages
from workers.outbound.mail import Mailbox, MailOut

SEND, SENT = "Send my request to 1 school", "Your request is on its way"
LINK = "Open the link we sent to zoe@example.com"
WAITING = (
    "SELECT d.due_at > now() + interval '1 day' AS waits FROM delivery d "
    "JOIN lead l ON l.id = d.lead_id WHERE l.confirm_by IS NOT NULL"
)


@dataclass
class Guarded:
    """A student in front of a service whose clock stands still and whose rules are the test's."""

    asking: Asking
    clock: FixedClock
    browser: PlainBrowser

    def ask(self, **rules: Any) -> None:
        """Let these rules hold from now on."""
        app = self.asking.world.app
        now = replace(app.extensions["schoolmatch"], guard=GuardRules(**rules))
        app.extensions["schoolmatch"] = now

    def count(self, redis_url: str) -> None:
        """Let what is sent be counted there from now on."""
        app = self.asking.world.app
        counts = SendingCounts(redis_url, b"s" * 32, self.clock)
        app.extensions["schoolmatch"] = replace(app.extensions["schoolmatch"], counts=counts)

    def send(self, **changes: str) -> None:
        """Ask one school, from the results to the last button."""
        self.asking.to_check(**changes)
        self.browser.choose("Email.")
        self.browser.press(SEND)

    def solve(self, bits: int) -> str:
        """Do what the page's script does."""
        page = self.browser.page
        mark = page.one("input", name="mark")["value"]
        below = 1 << 256 - bits
        found = next(
            str(number)
            for number in count()
            if int.from_bytes(hashlib.sha256(f"{mark}:{number}".encode()).digest()) < below
        )
        self.browser.typed[id(page.one("input", name="proof"))] = found
        return found


@pytest.fixture
def guarded(asking: Asking, redis_url: str) -> Guarded:
    app = asking.world.app
    clock = FixedClock(asking.world.clock.now())
    app.extensions["schoolmatch"] = replace(app.extensions["schoolmatch"], clock=clock)
    made = Guarded(asking, clock, asking.browser)
    made.count(redis_url)
    return made


def test_a_field_that_nobody_sees_is_refused_with_what_to_do_and_nothing_is_lost(
    asking: Asking,
) -> None:
    asking.to_form()
    trap = asking.browser.page.one("input", name="website")
    assert (trap["tabindex"], trap["autocomplete"], trap["value"]) == ("-1", "off", "")
    [around] = [one for one in asking.browser.page.all("div", class_="off") if trap in one.walk()]
    assert around["aria-hidden"] == "true"
    style = asking.world.client.get(asking.browser.page.one("link", rel="stylesheet")["href"]).text
    assert ".off { display: none; }" in style, "no eye, no key and no screen reader meets it"
    asking.browser.typed[id(trap)] = "https://buy.example"
    asking.fill_in()
    assert asking.browser.reply.status == 422
    assert "We emptied it, and nothing was sent" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.one("input", id="email")["value"] == "zoe@example.com"
    assert asking.browser.page.one("input", name="website")["value"] == ""
    asking.browser.press("Continue")
    assert asking.browser.heading == "Check and agree"


def test_a_page_whose_time_is_not_ours_is_shown_again_with_its_ticks_and_then_goes(
    asking: Asking,
) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    old = asking.browser.page.one("input", name="mark")
    asking.browser.typed[id(old)] = "0" + old["value"][1:]
    asking.browser.press(SEND)
    assert asking.browser.reply.status == 422
    assert "open for too long" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.all("input", name="consent")[0].has("checked")
    assert asking.world.count("request") == 0
    asking.browser.press(SEND)
    assert asking.browser.heading == SENT


def test_quick_ones_pass_a_few_times_then_the_page_comes_again_until_it_was_read(
    guarded: Guarded,
) -> None:
    guarded.ask(seconds=3)
    for _ in range(5):
        guarded.send()
        assert guarded.browser.heading == SENT, "who asks a second school has little to read"
    guarded.send()
    assert guarded.browser.reply.status == 422
    assert "That was very quick" in guarded.browser.page.one(role="alert").text
    assert guarded.browser.page.one("input", name="consent").has("checked")
    # Drawn again two seconds later, the page keeps its first time: nobody waits twice.
    guarded.clock.at += timedelta(seconds=2)
    guarded.browser.press(SEND)
    assert guarded.browser.heading == "Check and agree"
    guarded.clock.at += timedelta(seconds=1)
    guarded.browser.press(SEND)
    assert guarded.browser.heading == SENT
    assert guarded.asking.world.count("request") == 6


@pytest.mark.parametrize("subject", [Subject.ADDRESS, Subject.EMAIL])
def test_over_a_limit_of_a_minute_the_page_waits_and_its_answers_are_saved(
    guarded: Guarded, subject: Subject
) -> None:
    guarded.ask(limits={subject: SendingLimit(1, 100)})
    guarded.send()
    assert guarded.browser.heading == SENT
    guarded.send()
    assert guarded.browser.reply.status == 429
    assert 0 < int(guarded.browser.reply.header("Retry-After")) <= 60
    said = guarded.browser.page.one(role="alert").text
    assert "Wait a minute, then send again. Your answers are saved" in said
    guarded.clock.at += timedelta(minutes=1)
    guarded.browser.press(SEND)
    assert guarded.browser.heading == SENT


def test_a_student_is_the_same_however_the_address_is_written_and_no_other(
    guarded: Guarded,
) -> None:
    guarded.ask(limits={Subject.EMAIL: SendingLimit(1, 100)})
    for email in ("zoe@example.com", "ana@example.com"):
        guarded.send(**{"Email address": email})
        assert guarded.browser.heading == SENT
    guarded.send(**{"Email address": "ANA@example.com"})
    assert guarded.browser.reply.status == 429


def test_a_mistake_on_the_page_counts_for_nothing(guarded: Guarded) -> None:
    guarded.ask(limits={Subject.ADDRESS: SendingLimit(1, 1)})
    guarded.asking.to_check()
    for _ in range(3):
        guarded.browser.press(SEND)
        assert "Select at least one school" in guarded.browser.page.one(role="alert").text
    guarded.browser.choose("Email.")
    guarded.browser.press(SEND)
    assert guarded.browser.heading == SENT


def test_what_seems_odd_waits_for_the_link_in_a_mail_and_says_so(
    guarded: Guarded, tmp_path: Path
) -> None:
    world = guarded.asking.world
    guarded.ask(limits={Subject.ADDRESS: SendingLimit(100, 1)})
    guarded.send()
    guarded.send()
    assert guarded.browser.heading == LINK
    assert "No school gets anything before you open it" in guarded.browser.text
    assert [row.waits for row in world.rows(WAITING)] == [True]
    page = guarded.browser.address
    out = MailOut(mailbox=Mailbox(tmp_path, "leads@match.example.org"))
    assert send_messages(world.work, lambda: out.opened(Resolver(threads=1), None)) == 1
    [kept] = tmp_path.glob("*.eml")
    said = str(message_from_bytes(kept.read_bytes(), policy=SMTP).get_content())
    found = re.search(r"http://[^/]+(/confirm/\S+)", said)
    assert found is not None, said
    guarded.browser.open(found[1])
    guarded.browser.press("Yes, this is my email address")
    assert "Your email address is confirmed" in guarded.browser.text
    assert [row.waits for row in world.rows(WAITING)] == [False]
    guarded.browser.open(page)
    assert guarded.browser.heading == SENT


def test_a_link_that_was_not_opened_in_time_is_said(guarded: Guarded) -> None:
    guarded.ask(limits={Subject.ADDRESS: SendingLimit(100, 1)})
    guarded.send()
    guarded.send()
    with guarded.asking.world.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE delivery SET due_at = now(), expires_at = now() - interval '1 s' "
            "WHERE lead_id IN (SELECT id FROM lead WHERE confirm_by IS NOT NULL)"
        )
    with guarded.asking.world.work() as work:
        work.deliveries.sweep(10)
    guarded.browser.reload()
    assert guarded.browser.heading != LINK
    assert "You did not open the link in our mail in time" in guarded.browser.text


def test_a_browser_that_did_the_work_is_asked_for_nothing_more(guarded: Guarded) -> None:
    guarded.ask(limits={Subject.ADDRESS: SendingLimit(100, 1)}, proof_bits=16)
    answer = ""
    for _ in range(2):
        guarded.asking.to_check()
        guarded.browser.choose("Email.")
        answer = guarded.solve(16)
        guarded.browser.press(SEND)
        assert guarded.browser.heading == SENT
    assert guarded.asking.world.rows(WAITING) == []
    guarded.asking.to_check()
    guarded.browser.choose("Email.")
    guarded.browser.typed[id(guarded.browser.page.one("input", name="proof"))] = answer
    guarded.browser.press(SEND)
    assert guarded.browser.heading == LINK, "the work of one page is none for another"


def test_the_script_that_does_the_work_is_there_only_where_it_is_asked_for(
    guarded: Guarded,
) -> None:
    guarded.asking.to_check()
    assert guarded.browser.page.one("main").all("script") == []
    guarded.ask(proof_bits=15)
    guarded.browser.reload()
    [script] = guarded.browser.page.one("main").all("script")
    assert len(guarded.browser.page.all("form", **{"data-proof-bits": "15"})) == 1
    answer = guarded.asking.world.client.get(script["src"])
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/javascript")
    policy = guarded.browser.reply.header("Content-Security-Policy")
    assert "script-src 'self'" in policy


def test_without_valkey_the_journey_goes_on_and_is_counted_here(guarded: Guarded) -> None:
    guarded.count(f"redis://127.0.0.1:{lasting_port()}/0")
    guarded.ask(limits={Subject.SCHOOL: SendingLimit(2, 100)})
    for expected in (SENT, SENT, LINK):
        guarded.send()
        assert guarded.browser.heading == expected


def test_nothing_of_a_student_or_an_address_is_in_a_counters_name(
    guarded: Guarded, redis_url: str
) -> None:
    client = redis.Redis.from_url(redis_url)
    counts = guarded.asking.world.app.extensions["schoolmatch"].counts
    things = [Counted("email\0zoe@example.com", 60), Counted("address\000203.0.113.7", 3600)]
    assert [list(counts.count(things)) for _ in range(2)] == [[1, 1], [2, 2]]
    keys = [key.decode() for key in client.scan_iter("sending:*")]
    assert len(keys) == 2
    assert not any("zoe" in key or "203.0" in key for key in keys)
    assert all(0 < client.ttl(key) <= 3600 for key in keys)


def test_the_json_interface_is_as_open_as_it_was(guarded: Guarded) -> None:
    guarded.ask(seconds=60, limits=dict.fromkeys(Subject, SendingLimit(1, 1)))
    world = guarded.asking.world
    found = world.search()
    listing = next(one for one in found["results"] if one["request"] == "here")
    answers = [world.send(world.body(found, listing)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert world.rows(WAITING) == []
