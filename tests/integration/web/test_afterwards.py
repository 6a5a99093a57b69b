"""After sending, on real servers: take it back, correct it, delete it; each school is told."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from models.db.repositories.delivery_opening import open_deliveries
from models.domain.ids import Prefix, read
from tests.integration.web.conftest import Sent
from tests.support.browser import PlainBrowser, into_app
from tests.support.draining import draining
from tests.support.leads import eventually
from workers.outbound.mail import Mailbox, MailOut

OPENED = "Change your mind"


def test_a_request_is_taken_back_from_one_school_which_is_told_and_no_other(sent: Sent) -> None:
    sent.deliver(2)
    assert OPENED in sent.page()
    sent.browser.follow("Take it back from")
    assert sent.browser.heading == "Take your request back"
    sent.browser.press("Take it back")
    assert "We are telling each school that had it" in sent.browser.text
    assert "You took the request back. We are telling the school." in sent.browser.text
    sent.deliver(3)
    assert sent.kinds() == ["lead.created", "lead.created", "lead.withdrawn"]
    withdrawn = sent.told()[-1]["data"]
    assert withdrawn.keys() == {"lead_id", "request_id", "school"}
    leads = {each["data"]["lead_id"]: each["data"]["school"]["name"] for each in sent.told()[:2]}
    assert leads[withdrawn["lead_id"]] == withdrawn["school"]["name"]
    told = sent.page()
    assert told.count("The school was told that you took the request back") == 1
    assert told.count("You withdrew this request") == 2, "as its status, and in its history"
    assert sent.browser.page.all("a")
    sent.browser.follow("Take this request back")
    assert len(sent.browser.page.all("input", type="checkbox")) == 1, "one school has it still"


def test_a_school_whose_system_is_switched_off_is_told_by_mail_and_the_student_reads_so(
    sent: Sent, tmp_path: Path
) -> None:
    sent.deliver(2)
    with sent.world.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE destination SET status = 'disabled'")
        connection.exec_driver_sql(
            "UPDATE destination_version SET settings = "
            """settings || '{"contact": "admissions@school.example"}'"""
        )
    sent.page()
    sent.browser.follow("Take it back from")
    sent.browser.press("Take it back")
    assert "We are telling the school\u2019s admissions office by email." in sent.browser.text
    told = "The school was told by email to its admissions office that you took the request back"
    assert told not in sent.browser.text
    mailbox = Mailbox(tmp_path, "leads@match.example.org")
    with draining(sent.world.work, mail=MailOut(mailbox=mailbox)):
        settled = "SELECT status FROM delivery WHERE purpose = 'withdrawal'"
        assert eventually(lambda: sent.world.rows(settled) == [("unconfirmed",)], 30)
    assert sent.page().count(told) == 1
    [mail] = tmp_path.glob("*.eml")
    assert b"To: admissions@school.example" in mail.read_bytes()
    assert len(sent.receiver.received) == 2


def test_what_is_taken_back_before_it_left_reaches_nobody(sent: Sent) -> None:
    sent.browser.follow("Take this request back")
    for box in sent.browser.page.all("input", type="checkbox"):
        sent.browser.typed[id(box)] = box["value"]
    sent.browser.press("Take it back")
    sent.deliver(0)
    assert sent.page().count("You took the request back before the school had it") == 2
    assert sent.browser.heading == "You took this request back"
    assert "Correct a mistake" not in sent.browser.text
    sent.browser.open(f"/requests/{sent.reference}/withdraw")
    assert "You took this request back from every school." in sent.browser.text


def test_no_school_ticked_is_an_error_and_changes_nothing(sent: Sent) -> None:
    sent.browser.follow("Take this request back")
    sent.browser.press("Take it back")
    assert sent.browser.reply.status == 422
    assert "Select at least one school to take your request back from" in sent.browser.text
    assert sent.world.count("delivery") == 2


def test_the_only_school_that_is_left_is_ticked_until_somebody_unticks_it(sent: Sent) -> None:
    sent.browser.follow("Take this request back")
    label = sent.browser.page.all("label", **{"for": "school_id"})[0].text
    sent.browser.choose(label)
    sent.browser.press("Take it back")
    sent.browser.open(f"/requests/{sent.reference}/withdraw")
    [left] = sent.browser.page.all("input", type="checkbox")
    assert left.has("checked")
    sent.browser.choose(sent.browser.page.one("label", **{"for": left["id"]}).text)
    sent.browser.press("Take it back")
    assert sent.browser.reply.status == 422
    [left] = sent.browser.page.all("input", type="checkbox")
    assert not left.has("checked"), "the page says that none is ticked"


def test_a_withdrawal_waits_for_a_try_that_is_under_way(sent: Sent) -> None:
    """Else a school could hear of it before it has what is withdrawn."""
    world = sent.world
    with world.work() as work:
        claimed = work.deliveries.claim(
            {row.destination_id: 1 for row in world.rows("SELECT destination_id FROM delivery")},
            timedelta(seconds=60),
        )
    assert len(claimed) == 2
    sent.browser.follow("Take this request back")
    for box in sent.browser.page.all("input", type="checkbox"):
        sent.browser.typed[id(box)] = box["value"]
    sent.browser.press("Take it back")
    ids = [row.id for row in world.rows("SELECT id FROM delivery WHERE purpose = 'withdrawal'")]
    with world.engine.begin() as connection:
        opened = open_deliveries(connection, world.keyring, ids)
        assert [each.wait for each in opened.values()] == [timedelta(seconds=1)] * 2
        assert [each.stop for each in opened.values()] == [None] * 2
        connection.execute(
            text("UPDATE delivery SET status = 'delivered', attempts = 1 WHERE purpose = 'lead'")
        )
        opened = open_deliveries(connection, world.keyring, ids)
        assert [each.wait for each in opened.values()] == [None] * 2


def test_a_correction_reaches_the_schools_that_have_the_request(sent: Sent) -> None:
    sent.deliver(2)
    sent.page()
    sent.browser.follow("Correct a mistake")
    assert sent.browser.page.one(id="email")["value"] == "zoe@example.com"
    sent.browser.fill("Email address", "nonsense")
    sent.browser.press("Send the correction")
    assert sent.browser.reply.status == 422
    assert "Enter an email address in the correct format" in sent.browser.text
    sent.browser.fill("Email address", "zoe.example@example.net")
    sent.browser.press("Send the correction")
    assert "Your correction is kept" in sent.browser.text
    sent.deliver(4)
    assert sent.kinds()[2:] == ["lead.corrected"] * 2
    assert {each["data"]["student"]["email"] for each in sent.told()[2:]} == {
        "zoe.example@example.net"
    }
    assert sent.page().count("The school was told of your correction") == 2
    sent.browser.follow("Correct a mistake")
    sent.browser.press("Send the correction")
    assert "Nothing was different, so we told nobody anything." in sent.browser.text
    assert sent.world.count("delivery") == 4


def test_an_address_corrected_after_it_was_confirmed_reaches_who_has_the_request(
    sent: Sent,
) -> None:
    sent.deliver(2)
    with sent.world.engine.begin() as connection:
        connection.execute(text("UPDATE lead SET confirm_by = now() + interval '1 day'"))
        connection.execute(text("UPDATE request SET email_confirmed_at = now()"))
    sent.page()
    sent.browser.follow("Correct a mistake")
    sent.browser.fill("Email address", "zoe.example@example.net")
    sent.browser.press("Send the correction")
    sent.deliver(4)
    assert sent.kinds()[2:] == ["lead.corrected"] * 2
    assert {each["data"]["verification"] for each in sent.told()[2:]} == {"none"}


def test_a_correction_that_a_withdrawal_overtook_is_not_said_to_have_come(sent: Sent) -> None:
    sent.deliver(2)
    sent.page()
    sent.browser.follow("Correct a mistake")
    sent.browser.fill("First name", "Zo\u00e9")
    sent.browser.press("Send the correction")
    sent.browser.follow("Take this request back")
    for box in sent.browser.page.all("input", type="checkbox"):
        sent.browser.typed[id(box)] = box["value"]
    sent.browser.press("Take it back")
    sent.deliver(4)
    assert sent.kinds()[2:] == ["lead.withdrawn"] * 2
    assert sent.page().count("We sent no correction") == 2


def test_what_is_corrected_before_it_left_leaves_corrected_and_once(sent: Sent) -> None:
    sent.browser.follow("Correct a mistake")
    sent.browser.fill("First name", "Zo\u00e9")
    sent.browser.press("Send the correction")
    sent.deliver(2)
    assert sent.kinds() == ["lead.created"] * 2
    assert {each["data"]["student"]["first_name"] for each in sent.told()} == {"Zo\u00e9"}
    assert sent.world.count("delivery") == 2


def test_deletion_shreds_what_we_have_and_asks_the_schools_to_do_the_same(sent: Sent) -> None:
    sent.deliver(2)
    sent.page()
    sent.browser.follow("Delete everything about me")
    sent.browser.press("Delete everything")
    assert "is deleted here" in sent.browser.text
    assert sent.browser.heading == "What you told us is deleted"
    assert sent.browser.text.count("This request was deleted") == 4, "status, history"
    assert "You withdrew" not in sent.browser.text
    sent.deliver(4)
    assert sent.kinds()[2:] == ["lead.deleted"] * 2
    assert "zoe" not in json.dumps(sent.told()[2:]).lower()
    assert sent.page().count("The school was told to delete what it has about you") == 2
    [key] = sent.world.rows("SELECT wrapped, shredded_at FROM person_key")
    assert key.wrapped is None
    assert key.shredded_at is not None
    sent.browser.open(f"/requests/{sent.reference}/correct")
    assert sent.browser.reply.status == 403
    sent.asking.to_form()
    assert not sent.browser.page.one(id="email").get("value"), "what was typed is forgotten too"


def test_nobody_else_sees_or_changes_a_request(sent: Sent) -> None:
    stranger = PlainBrowser(into_app(sent.world.app.test_client(use_cookies=False)))
    for name in ("withdraw", "correct", "delete"):
        stranger.open(f"/requests/{sent.reference}/{name}")
        assert stranger.reply.status == 403, name
        assert "zoe" not in stranger.reply.body.lower()
    for token in ("x", sent.world.app.extensions["schoolmatch"].tokens.token(read_id("req"))):
        stranger.open(f"/requests/{sent.reference}/open/{token}")
        assert stranger.reply.status == 403
    # A form of somebody else's session, sent to this request, is refused.
    stranger.open("/results?education_level=high_school&postal_code=10940")
    stranger._go("POST", f"/requests/{sent.reference}/delete", [("csrf_token", "x")])
    assert stranger.reply.status == 403
    assert sent.world.count("delivery") == 2


def test_the_link_of_a_mail_opens_the_request_in_another_browser(sent: Sent) -> None:
    request_id = read(Prefix.REQUEST, sent.reference)
    token = sent.world.app.extensions["schoolmatch"].tokens.token(request_id)
    phone = PlainBrowser(into_app(sent.world.app.test_client(use_cookies=False)))
    phone.open(f"/requests/{sent.reference}/open/{token}")
    assert phone.address == f"/requests/{sent.reference}", "the token is not kept in the address"
    assert OPENED in phone.text
    phone.follow("Delete everything about me")
    phone.press("Delete everything")
    assert "is deleted here" in phone.text


def test_a_form_whose_token_is_stale_is_drawn_again_and_nothing_is_done(sent: Sent) -> None:
    for name, words in (
        ("withdraw", "Take it back"),
        ("correct", "Send the correction"),
        ("delete", "Delete everything"),
    ):
        sent.browser.open(f"/requests/{sent.reference}/{name}")
        sent.browser.typed[id(sent.browser.page.one(name="csrf_token"))] = "stale"
        sent.browser.press(words)
        assert sent.browser.reply.status == 422, name
    assert sent.world.count("delivery") == 2


def read_id(prefix: str) -> Any:
    """The id of a request that is not there."""
    return read(Prefix(prefix), f"{prefix}_01m81mmftqf42tfrsdtvnrf81t")
