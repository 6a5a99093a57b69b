"""Campaigns that take confirmed leads only: the link, the wait, and what the student is told."""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import SMTP
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import text

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.verification import Verification
from models.exchange.letters import LOCALES
from models.outbound.resolving import Resolver
from tests.support.browser import PlainBrowser
from tests.support.draining import draining
from tests.support.leads import eventually
from tests.support.sponsors import unitid_of
from tests.support.world import World
from workers.destinations.webhook.mock import MockReceiver
from workers.maintenance.messages import send_messages
from workers.outbound.mail import Mailbox, MailOut

STUDENT = "zoe@example.com"


@pytest.fixture
def paid(world: World) -> int:
    """A school whose campaign takes confirmed leads, and nothing else."""
    return pays_for_confirmed(world, world.search()["results"][-1])


def pays_for_confirmed(world: World, found: Mapping[str, Any]) -> int:
    """Let a campaign take confirmed leads for a listing's school, and nothing else."""
    unitid = unitid_of(found)
    owner = world.takes_requests(unitid, organic=False)
    settings = CampaignSettings(
        (unitid,),
        cips=(found["program"]["cip"],),
        caps=Caps(total=5),
        verification=Verification.EMAIL_CONFIRMED,
    )
    now = world.clock.now()
    with world.work() as work:
        made = work.campaigns.create(
            owner, "Confirmed", Terms(5000, "USD", settings), by="test", now=now
        )
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    world.serving.poll()
    return unitid


def ask(world: World, unitid: int, locale: str = "en") -> dict[str, str]:
    found = world.search(locale=locale)
    listing = next(x for x in found["results"] if unitid_of(x) == unitid)
    assert listing["sponsored"]
    answer = world.send({**world.body(found, listing), "locale": locale})
    assert answer.status_code == 202, answer.text
    return dict(answer.json)


def mail(world: World, folder: Path, to: str = STUDENT) -> str:
    """Send what waits; return the text of the one message that is new."""
    out = MailOut(mailbox=Mailbox(folder, "leads@match.example.org"))
    resolver, before = Resolver(threads=1), set(folder.glob("*.eml"))
    assert send_messages(world.work, lambda: out.opened(resolver, None)) == 1
    [kept] = set(folder.glob("*.eml")) - before
    message = message_from_bytes(kept.read_bytes(), policy=SMTP)
    assert message["To"] == to
    assert message["Message-ID"] == f"<{kept.stem}@schoolmatch.invalid>"
    return str(message.get_content())


def link(said: str) -> str:
    found = re.search(r"http://\S+/confirm/\S+", said)
    assert found is not None, said
    return found[0]


def status(world: World, request: dict[str, str]) -> tuple[str, bool]:
    answer = world.client.get(
        f"/api/v1/requests/{request['request_id']}",
        headers={"Authorization": f"Bearer {request['token']}"},
    )
    [lead] = answer.json["leads"]
    return lead["status"], lead["confirm_by"] is not None


def run(world: World, statement: str) -> None:
    with world.engine.begin() as connection:
        connection.execute(text(statement))


def sent_to(world: World, url: str) -> None:
    with world.engine.begin() as connection:
        place = "jsonb_build_object('url', CAST(:url AS text))"
        moved = f"UPDATE destination_version SET settings = {place}"  # noqa: S608 - our own words
        connection.execute(text(moved), {"url": url})


def test_a_lead_waits_for_its_student_and_says_that_it_was_confirmed(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    with MockReceiver() as receiver:
        sent_to(world, receiver.url)
        request = ask(world, paid)
        said = mail(world, tmp_path)
        address = urlsplit(link(said))
        with draining(world.work):
            # Programs that look at links in mail open them; nothing moves by that.
            browser.open(f"{address.path}?{address.query}")
            assert "When you press the button" in browser.text
            world.rows("SELECT pg_sleep(0.5)")
            assert receiver.received == []
            assert status(world, request) == ("accepted_by_us", True)
            browser.press("Yes, this is my email address")
            assert "Your email address is confirmed" in browser.text
            assert receiver.wait_for(1, 30)
            assert b'"verification":"email_confirmed"' in receiver.received[0].body
            assert eventually(lambda: status(world, request)[0] == "sent", 30)
        assert status(world, request) == ("sent", False)
        # The link does its one thing once.
        browser.open(f"{address.path}?{address.query}")
        assert "Your email address is confirmed" in browser.text
        assert "Yes, this is my email address" not in browser.text
        assert len(receiver.received) == 1


def test_a_link_holds_nothing_of_the_student_and_another_opens_nothing(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    address = link(mail(world, tmp_path))
    told = unquote(address).lower()
    assert not any(word in told for word in ("zoe", "example", "@", "10940"))
    assert request["request_id"] in address
    path = urlsplit(address).path
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), f"/confirm/req_x/{path[-43:]}"):
        assert world.client.get(wrong).status_code == 404
    other = ask(world, paid)
    crossed = path.replace(request["request_id"], other["request_id"])
    assert world.client.get(crossed).status_code == 404
    assert browser.page is not None


def test_who_does_not_confirm_in_time_is_told_so_and_the_place_is_given_back(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    address = urlsplit(link(mail(world, tmp_path)))
    assert world.rows("SELECT used FROM cap_window WHERE period = 'total'")[0].used == 1
    run(world, "UPDATE lead SET confirm_by = now() - interval '1 s'")
    run(world, "UPDATE delivery SET expires_at = now() - interval '1 s'")
    with world.work() as work:
        work.deliveries.sweep(10)
    assert status(world, request) == ("expired", True)
    assert world.rows("SELECT used FROM cap_window WHERE period = 'total'")[0].used == 0
    browser.open(f"{address.path}?{address.query}")
    assert "It is too late to confirm" in unescape(browser.text)


def test_a_replay_does_not_get_round_the_confirmation(world: World, paid: int) -> None:
    ask(world, paid)
    run(world, "UPDATE delivery SET due_at = now(), expires_at = now() + interval '1 day'")
    with draining(world.work):
        assert eventually(
            lambda: world.rows("SELECT status FROM delivery")[0].status == "cancelled", 30
        )
    assert world.count("attempt") == 0


@pytest.mark.parametrize("locale", LOCALES)
def test_the_mail_is_in_the_students_language(
    world: World, paid: int, tmp_path: Path, locale: str
) -> None:
    ask(world, paid, locale)
    said = mail(world, tmp_path)
    words = {"en": "Open this link", "es": "Abra este enlace", "fr": "Ouvrez ce lien"}
    assert words[locale] in said
    assert link(said).endswith(f"?lang={locale}")


def test_mail_waits_while_none_can_be_sent_and_an_erased_student_gets_none(
    world: World, paid: int, tmp_path: Path
) -> None:
    ask(world, paid)
    resolver = Resolver(threads=1)
    assert send_messages(world.work, lambda: MailOut().opened(resolver, None)) == 0
    assert world.rows("SELECT status FROM message")[0].status == "pending"
    run(world, "UPDATE person_key SET wrapped = NULL, shredded_at = now()")
    out = MailOut(mailbox=Mailbox(tmp_path, "leads@match.example.org"))
    assert send_messages(world.work, lambda: out.opened(resolver, None)) == 1
    assert world.rows("SELECT status FROM message")[0].status == "cancelled"
    assert list(tmp_path.glob("*.eml")) == []


def correct(browser: PlainBrowser, request: dict[str, str], email: str) -> None:
    browser.open(f"/requests/{request['request_id']}/open/{request['token']}")
    browser.follow("Correct a mistake")
    browser.fill("Email address", email)
    browser.press("Send the correction")


def test_an_address_corrected_before_it_was_confirmed_gets_a_link_and_the_old_one_opens_nothing(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    old = urlsplit(link(mail(world, tmp_path))).path
    run(world, "UPDATE lead SET confirm_by = confirm_by - interval '40 hours'")
    correct(browser, request, "other@example.com")
    assert browser.heading == "Open the link we sent to other@example.com"
    new = urlsplit(link(mail(world, tmp_path, "other@example.com"))).path
    browser.open(new)
    assert "When you press the button" in browser.text
    token = browser.page.one(name="csrf_token")["value"]
    for path, status_code in ((old, 404), (new, 200)):
        assert world.client.get(path).status_code == status_code
    browser._go("POST", old, [("csrf_token", token)])
    assert browser.reply.status == 404
    held = "SELECT d.due_at = l.confirm_by AS held FROM delivery d JOIN lead l ON l.id = d.lead_id"
    assert world.rows(held)[0].held, "the new address has its full time"
    waits = "SELECT confirm_by > now() + interval '47 hours' AS long FROM lead"
    assert world.rows(waits)[0].long
    browser.open(new)
    browser.press("Yes, this is my email address")
    assert "Your email address is confirmed" in browser.text
    due = "SELECT due_at <= now() AS due FROM delivery"
    assert world.rows(due)[0].due


def test_an_address_corrected_after_it_was_confirmed_waits_for_the_new_one(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    browser.open(urlsplit(link(mail(world, tmp_path))).path)
    browser.press("Yes, this is my email address")
    correct(browser, request, "other@example.com")
    assert browser.heading == "Open the link we sent to other@example.com"
    with draining(world.work):
        world.rows("SELECT pg_sleep(0.5)")
    assert status(world, request) == ("accepted_by_us", True)
    browser.open(urlsplit(link(mail(world, tmp_path, "other@example.com"))).path)
    browser.press("Yes, this is my email address")
    assert "Your email address is confirmed" in browser.text
    assert status(world, request) == ("accepted_by_us", False)


def test_the_mail_after_a_correction_names_only_schools_that_still_wait(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    others = [one for one in world.search()["results"] if unitid_of(one) != paid]
    back, waits = (pays_for_confirmed(world, others[place]) for place in (-1, -2))
    found = world.search()
    listings = [
        next(one for one in found["results"] if unitid_of(one) == unitid and one["sponsored"])
        for unitid in (paid, back, waits)
    ]
    has_it, took_back, waiting = (one["school"]["name"] for one in listings)
    answer = world.send(world.body(found, *listings))
    assert answer.status_code == 202, answer.text
    request = dict(answer.json)
    first = mail(world, tmp_path)
    assert all(name in first for name in (has_it, took_back, waiting))
    with MockReceiver() as receiver:
        sent_to(world, receiver.url)
        browser.open(urlsplit(link(first)).path)
        browser.press("Yes, this is my email address")
        run(
            world,
            "UPDATE delivery d SET due_at = now() + interval '1 hour' FROM lead l "  # noqa: S608 - our own number
            f"WHERE l.id = d.lead_id AND l.unitid <> {paid}",
        )
        with draining(world.work):
            assert receiver.wait_for(1, 30)
    page = f"/requests/{request['request_id']}"
    browser.open(f"{page}/open/{request['token']}")
    browser.open(f"{page}/withdraw?school_id=sch_{back}")
    browser.press("Take it back")
    correct(browser, request, "other@example.com")
    again = mail(world, tmp_path, "other@example.com")
    browser.open(urlsplit(link(again)).path)
    for said in (again, browser.text):
        assert waiting in said
        assert has_it not in said, "it has the request already"
        assert took_back not in said, "it is to get nothing"


def test_a_link_that_was_not_mailed_yet_is_not_mailed_to_the_address_before(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    correct(browser, request, "other@example.com")
    assert link(mail(world, tmp_path, "other@example.com"))


def test_nobody_mails_many_strangers_by_correcting_one_request(
    world: World, paid: int, browser: PlainBrowser
) -> None:
    request = ask(world, paid)
    for number in range(2):
        correct(browser, request, f"other{number}@example.com")
        assert browser.heading == f"Open the link we sent to other{number}@example.com"
    correct(browser, request, "third@example.com")
    assert browser.reply.status == 422
    assert "You changed the email address too often" in browser.text
    browser.open(f"/requests/{request['request_id']}")
    assert browser.heading == "Open the link we sent to other1@example.com"
    assert world.count("message") == 3


def test_who_stopped_our_mail_is_told_of_that_and_of_no_mail(
    world: World, paid: int, browser: PlainBrowser, tmp_path: Path
) -> None:
    request = ask(world, paid)
    stop = re.search(r"http://\S+(/unsubscribe/\S+)", mail(world, tmp_path))
    assert stop
    page = f"/requests/{request['request_id']}"
    browser.open(f"{page}/open/{request['token']}")
    assert browser.heading == f"Open the link we sent to {STUDENT}"
    world.client.post(stop[1])
    for wanted in ("We may not mail", "we may not mail your address, so you cannot confirm it"):
        browser.open(page)
        assert wanted in browser.text
    assert "We mailed you a link" not in browser.text
    # Whoever stopped it before: their next request is as true, and stays so once mail is allowed.
    again = ask(world, paid)
    out = MailOut(mailbox=Mailbox(tmp_path, "leads@match.example.org"))
    send_messages(world.work, lambda: out.opened(Resolver(threads=1), None))
    run(world, "DELETE FROM suppression")
    browser.open(f"/requests/{again['request_id']}/open/{again['token']}")
    assert browser.heading == f"We may not mail {STUDENT}"
    run(world, "UPDATE lead SET confirm_by = now() - interval '1 s'")
    run(world, "UPDATE delivery SET expires_at = now() - interval '1 s'")
    with world.work() as work:
        work.deliveries.sweep(10)
    browser.open(f"/requests/{again['request_id']}")
    assert "because mail to your address was stopped" in browser.text
    assert "You did not open the link" not in browser.text
