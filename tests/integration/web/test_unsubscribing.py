"""One press in a mail program stops our mail (RFC 8058); looking at the link stops nothing."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from models.domain.tokens import TokenSigner
from models.exchange.letters import LOCALES
from models.outbound.resolving import Resolver
from tests.integration.web.conftest import Asking
from tests.support.draining import draining
from tests.support.leads import eventually
from tests.support.world import World
from workers.maintenance.messages import send_messages
from workers.maintenance.receipts import Receipts
from workers.outbound.mail import Mailbox, MailOut

SITE = "http://match.example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def ask(asking: Asking, locale: str = "en") -> None:
    found = asking.world.search(locale=locale)
    listing = next(one for one in found["results"] if one["request"] == "here")
    body = {**asking.world.body(found, listing), "locale": locale}
    assert asking.world.send(body).status_code == 202


def post(world: World, folder: Path) -> list[EmailMessage]:
    """Write the receipts that are missing and send all that waits."""
    Receipts(world.work, TokenSigner(world.settings.token_key), SITE, world.clock).write()
    out = MailOut(mailbox=Mailbox(folder, "leads@match.example.org"))
    send_messages(world.work, lambda: out.opened(Resolver(threads=1), None))
    kept = [file.read_bytes() for file in sorted(folder.glob("*.eml"))]
    assert all(b"\r\nList-Unsubscribe: <http" in raw for raw in kept), "an address, never encoded"
    return [message_from_bytes(raw, policy=SMTP) for raw in kept]


def link(mail: EmailMessage) -> str:
    """The path of the link that mail programs press."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"]
    assert address.startswith(f"<{SITE}/unsubscribe/msg_")
    assert address.strip("<>") in mail.get_content(), "people find it, too"
    parts = urlsplit(address.strip("<>"))
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize("locale", LOCALES)
def test_one_press_without_a_session_stops_mail_once_and_for_all(
    asking: Asking, tmp_path: Path, locale: str
) -> None:
    ask(asking, locale)
    [mail] = post(asking.world, tmp_path)
    address = link(mail)
    for _ in range(2):
        pressed = asking.world.client.post(address, data=ONE_CLICK)
        assert pressed.status_code == 200
        assert f'<html lang="{locale}">' in pressed.text
        assert "Set-Cookie" not in pressed.headers
    [kept] = asking.world.rows("SELECT kind, reason FROM suppression")
    assert (kept.kind, kept.reason) == ("email", "unsubscribed")
    ask(asking, locale)
    assert len(post(asking.world, tmp_path)) == 1, "the next receipt is written, and not sent"
    [row] = asking.world.rows("SELECT status FROM message WHERE status <> 'unconfirmed'")
    assert row.status == "cancelled"


def test_programs_that_look_at_the_link_stop_nothing_and_a_person_finds_one_button(
    asking: Asking, tmp_path: Path
) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    address, browser = link(mail), asking.browser
    for _ in range(3):
        browser.open(address)
        assert asking.world.client.head(address).status_code == 200
    assert asking.world.count("suppression") == 0
    assert [one.text for one in browser.page.one("main").all("button")] == ["Stop all mail"]
    assert "A school that has your request already is not told by this" in browser.text
    browser.press("Stop all mail")
    assert browser.heading == "We stopped our mail to you"
    assert asking.world.count("suppression") == 1
    browser.open(address)
    assert browser.heading == "We stopped our mail to you"
    browser.press("Send me mail again")
    assert browser.heading == "You get our mail again"
    assert asking.world.count("suppression") == 0
    browser.follow("Español")
    assert browser.reply.status == 200
    assert browser.heading == "Usted recibe nuestros correos otra vez"
    browser.open(address)
    assert browser.heading == "Stop our mail to you", "the link itself says what it can do now"


def test_what_others_suppressed_is_not_taken_back_by_it(asking: Asking, tmp_path: Path) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    address = link(mail)
    asking.world.client.post(address, data=ONE_CLICK)
    with asking.world.engine.begin() as connection:
        connection.execute(text("UPDATE suppression SET reason = 'erased'"))
    path, _, query = address.partition("?")
    answer = asking.world.client.post(f"{path}/again?{query}")
    assert answer.status_code == 303
    asking.browser.open(answer.headers["Location"])
    assert asking.browser.heading == "Mail to you stays stopped"
    assert asking.world.count("suppression") == 1


def test_a_request_that_has_not_left_does_not_leave_any_more(
    asking: Asking, tmp_path: Path
) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    asking.world.client.post(link(mail), data=ONE_CLICK)
    state = "SELECT status, attempts FROM delivery"
    with draining(asking.world.work):
        assert eventually(lambda: asking.world.rows(state)[0].status == "cancelled", 30)
    assert asking.world.rows(state)[0].attempts == 0


def test_the_students_page_says_why_a_school_got_nothing(asking: Asking, tmp_path: Path) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    asking.browser.press("Send my request to 1 school")
    [mail] = post(asking.world, tmp_path)
    asking.world.client.post(link(mail), data=ONE_CLICK)
    with draining(asking.world.work):
        states = "SELECT status FROM delivery"
        assert eventually(lambda: asking.world.rows(states)[0].status == "cancelled", 30)
    asking.browser.reload()
    assert asking.browser.heading == "Your request was stopped"
    assert "because mail to your address was stopped" in asking.browser.text
    assert "You withdrew this request" not in asking.browser.text


def test_it_is_the_address_of_the_mail_that_is_stopped_whatever_was_corrected_since(
    asking: Asking, tmp_path: Path
) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    with asking.world.engine.begin() as connection:
        other = asking.world.keyring.blind_index("email", "other@example.com")
        connection.execute(text("UPDATE request SET email_index = :i"), {"i": other})
    asking.world.client.post(link(mail), data=ONE_CLICK)
    [kept] = asking.world.rows("SELECT blind_index FROM suppression")
    assert bytes(kept.blind_index) == asking.world.keyring.blind_index("email", "zoe@example.com")


def test_who_was_erased_can_stop_mail_as_well(asking: Asking, tmp_path: Path) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    with asking.world.engine.begin() as connection:
        connection.execute(text("UPDATE person_key SET wrapped = NULL, shredded_at = now()"))
    assert asking.world.client.post(link(mail), data=ONE_CLICK).status_code == 200
    [kept] = asking.world.rows("SELECT blind_index FROM suppression")
    assert bytes(kept.blind_index) == asking.world.keyring.blind_index("email", "zoe@example.com")


def test_a_link_that_is_not_ours_stops_nothing(asking: Asking, tmp_path: Path) -> None:
    ask(asking)
    [mail] = post(asking.world, tmp_path)
    path = link(mail).partition("?")[0]
    changed = path[:-1] + ("A" if path[-1] != "A" else "B")
    for wrong in (changed, "/unsubscribe/msg_x/x", path.replace("msg_", "req_")):
        for method in (asking.world.client.get, asking.world.client.post):
            assert method(wrong).status_code == 404
    assert asking.world.client.post(f"{changed}/again").status_code == 404
    assert asking.world.count("suppression") == 0
