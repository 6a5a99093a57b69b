"""The receipt: what was agreed to, word for word, and the link to change one's mind."""

import re
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import text

from models.domain.tokens import TokenSigner
from models.exchange.letters import LOCALES
from models.outbound.resolving import Resolver
from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser, into_app
from tests.support.world import World
from workers.maintenance.messages import send_messages
from workers.maintenance.receipts import Receipts
from workers.outbound.mail import Mailbox, MailOut

SITE = "http://match.example.org"


def receipts(world: World) -> Receipts:
    return Receipts(world.work, TokenSigner(world.settings.token_key), SITE, world.clock)


def ask(asking: Asking, locale: str = "en") -> None:
    found = asking.world.search(locale=locale)
    listing = next(one for one in found["results"] if one["request"] == "here")
    body = {**asking.world.body(found, listing), "locale": locale}
    assert asking.world.send(body).status_code == 202


def sent(world: World, folder: Path) -> str:
    """Send what waits; return the text of the one mail."""
    out = MailOut(mailbox=Mailbox(folder, "leads@match.example.org"))
    assert send_messages(world.work, lambda: out.opened(Resolver(threads=1), None)) == 1
    [kept] = folder.glob("*.eml")
    message = message_from_bytes(kept.read_bytes(), policy=SMTP)
    assert message["To"] == "zoe@example.com"
    return str(message.get_content())


@pytest.mark.parametrize("locale", LOCALES)
def test_a_receipt_says_what_was_agreed_to_and_its_link_opens_the_request(
    asking: Asking, tmp_path: Path, locale: str
) -> None:
    ask(asking, locale)
    assert receipts(asking.world).write() == 1
    said = sent(asking.world, tmp_path)
    [agreed] = asking.world.rows(
        "SELECT w.text FROM consent c JOIN consent_text w ON w.id = c.text_id"
    )
    assert agreed.text in said.replace("\n", " ") or agreed.text in said
    found = re.search(rf"{SITE}(/requests/\S+)", said)
    assert found is not None, said
    phone = PlainBrowser(into_app(asking.world.app.test_client(use_cookies=False)))
    phone.open(found[1])
    assert phone.page.one("html")["lang"] == locale
    assert (
        asking.world.rows("SELECT slate FROM request")[0].slate["listings"][0]["school"]["name"]
        in phone.text
    )
    assert "zoe" not in said.lower(), "a mail that is passed on names nobody"


def test_a_receipt_is_written_once(asking: Asking) -> None:
    ask(asking)
    assert [receipts(asking.world).write() for _ in range(2)] == [1, 0]


def test_what_waits_for_its_student_has_no_receipt_yet(asking: Asking) -> None:
    ask(asking)
    with asking.world.engine.begin() as connection:
        connection.execute(text("UPDATE lead SET confirm_by = now() + interval '1 day'"))
    assert receipts(asking.world).write() == 0
    with asking.world.engine.begin() as connection:
        connection.execute(text("UPDATE request SET email_confirmed_at = now()"))
    assert receipts(asking.world).write() == 1


def test_who_was_deleted_gets_none(asking: Asking) -> None:
    ask(asking)
    with asking.world.engine.begin() as connection:
        connection.execute(text("UPDATE person_key SET wrapped = NULL, shredded_at = now()"))
    assert receipts(asking.world).write() == 0


def test_mail_whose_master_key_is_not_here_waits_and_holds_up_nobody(
    asking: Asking, tmp_path: Path
) -> None:
    def lose(name: str) -> None:
        with asking.world.engine.begin() as connection:
            oldest = "SELECT person_id FROM request ORDER BY created_at, id LIMIT 1"
            query = f"UPDATE person_key SET master_key_id = :name WHERE person_id = ({oldest})"  # noqa: S608
            connection.execute(text(query), {"name": name})

    ask(asking)
    ask(asking)
    [key] = {row.master_key_id for row in asking.world.rows("SELECT * FROM person_key")}
    lose("lost")
    assert [receipts(asking.world).write() for _ in range(2)] == [1, 0]
    lose(key)
    assert receipts(asking.world).write() == 1
    lose("lost")
    out = MailOut(mailbox=Mailbox(tmp_path, "leads@match.example.org"))
    assert send_messages(asking.world.work, lambda: out.opened(Resolver(threads=1), None)) == 2
    assert len(list(tmp_path.glob("*.eml"))) == 1
    found = asking.world.rows("SELECT status FROM message ORDER BY status")
    assert [row.status for row in found] == ["pending", "unconfirmed"]
