"""``schoolmatch deliveries`` on a real database, with a real receiver."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.exchange.presets import PRESETS
from tests.support.commands import Command
from tests.support.draining import draining
from tests.support.leads import STUDENT, Leads, eventually
from workers.destinations.webhook.mock import MockReceiver, Reply, in_turn
from workers.outbound.mail import Mailbox, MailOut


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _listed(command: Command, *options: str) -> list[dict[str, Any]]:
    done = command("deliveries", "list", "--json", *options)
    assert done.exit_code == 0, done.output
    rows: list[dict[str, Any]] = json.loads(done.output)
    return rows


def test_a_failed_delivery_is_replayed_as_it_was_invariant_7(
    command: Command, leads: Leads, engine: Engine
) -> None:
    with MockReceiver(in_turn(Reply(400), Reply(200))) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        shown = show(Prefix.DELIVERY, delivery_id)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.statuses() == ["failed"])
            done = command("deliveries", "replay", shown, "--json")
            assert done.exit_code == 0, done.output
            assert json.loads(done.output)["status"] == "pending"
            assert eventually(lambda: leads.statuses() == ["delivered"])
    first, again = receiver.received
    assert first.id == again.id == shown
    told = json.loads(command("deliveries", "show", shown, "--json").output)
    assert [(each["number"], each["outcome"], each["code"]) for each in told["tries"]] == [
        (1, "failed", 400),
        (2, "delivered", 200),
    ]
    assert all(each["latency_ms"] is not None for each in told["tries"])
    plain = command("deliveries", "show", shown).output
    assert [word for word in ("delivered", "http_400", "400") if word not in plain] == []
    assert STUDENT["email"] not in plain
    assert first.body == again.body
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT action, subject, detail FROM audit")).all()
    assert tuple(row) == ("delivery.replay", shown, {"from": "failed", "attempts": 1})


def test_a_delivery_rendered_anew_takes_the_place_of_the_old_one(
    command: Command, leads: Leads, engine: Engine
) -> None:
    with MockReceiver(in_turn(Reply(400), Reply(200))) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        shown = show(Prefix.DELIVERY, delivery_id)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.statuses() == ["failed"])
            done = command("deliveries", "replay", shown, "--anew", "--json")
            assert done.exit_code == 0, done.output
            new = json.loads(done.output)["id"]
            assert eventually(lambda: sorted(leads.statuses()) == ["delivered", "failed"])
    assert [each.id for each in receiver.received] == [shown, new]
    with leads.unit_of_work() as work:
        progress = work.deliveries.of_lead(leads.row(delivery_id).lead_id)
    assert [each.value for each in progress.deliveries] == ["delivered"], "the newest counts"
    for how in ((), ("--anew",)):
        again = command("deliveries", "replay", shown, *how)
        assert again.exit_code == 1
        assert "a newer delivery of this lead took its place" in again.output
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT detail FROM audit")).all()
    assert row.detail == {"from": "failed", "attempts": 1, "anew": new}


def test_a_withdrawal_that_could_not_be_told_is_mailed_once_there_is_an_address(
    command: Command, leads: Leads, tmp_path: Path
) -> None:
    """For destinations that were set up before an address of people was asked for."""
    preset = PRESETS["salesforce_web_to_lead"]
    settings, _ = preset.expand(preset.examples)
    contact = settings.pop("contact")
    school = leads.school_of_kind("form_post", settings)
    delivery_id = leads.deliver(school, leads.lead(school), Purpose.WITHDRAWAL)
    shown = show(Prefix.DELIVERY, delivery_id)
    with draining(leads.unit_of_work, mail=MailOut(mailbox=Mailbox(tmp_path, "a@b.example"))):
        assert eventually(lambda: leads.statuses() == ["failed"], 30)
        changed = command(
            "destination",
            "set",
            show(Prefix.DESTINATION, school.destination_id),
            f"contact={contact}",
        )
        assert changed.exit_code == 0, changed.output
        done = command("deliveries", "replay", shown, "--anew", "--json")
        assert json.loads(done.output)["by_mail"] is True
        assert eventually(lambda: sorted(leads.statuses()) == ["failed", "unconfirmed"], 30)
    [mail] = tmp_path.glob("*.eml")
    assert f"To: {contact}".encode() in mail.read_bytes()
    assert "(e-mail to its contact)" in command("deliveries", "list").output


def test_what_a_filter_finds_is_replayed_one_by_one_the_oldest_first(
    command: Command, leads: Leads
) -> None:
    ours = leads.school("https://a.example.edu/")
    other = leads.school("https://b.example.edu/", unitid=110635)
    # Ids made within a millisecond stand in any order: the oldest is the first by its id.
    first, second, third = sorted(leads.delivery(ours) for _ in range(3))
    elsewhere = leads.delivery(other)
    for each, status in ((first, "failed"), (second, "expired"), (third, "delivered")):
        leads.set(each, status=status)
    leads.set(elsewhere, status="failed")
    where = ("--destination", show(Prefix.DESTINATION, ours.destination_id))
    nothing = command("deliveries", "replay", *where, "--until", "2020-01-01", "--json")
    assert json.loads(nothing.output) == {"found": 0, "replayed": 0, "refused": []}
    one = command("deliveries", "replay", *where, "--since", "2020-01-01", "--limit", "1")
    assert "1 of 1 are sent again." in one.output
    assert (leads.row(first).status, leads.row(second).status) == ("pending", "expired")
    rest = command("deliveries", "replay", *where, "--json")
    assert json.loads(rest.output)["replayed"] == 1
    assert leads.row(second).status == "pending"
    assert leads.row(third).status == "delivered", "only what did not arrive, unless it is asked"
    assert leads.row(elsewhere).status == "failed"
    waiting = command("deliveries", "replay", *where, "--status", "pending", "--json")
    assert [each["why"] for each in json.loads(waiting.output)["refused"]] == [
        "delivery cannot go from pending to pending"
    ] * 2


@pytest.mark.parametrize("words", [(), ("dlv_00000000000000000000000007", "--status", "failed")])
def test_a_replay_says_which_deliveries_once(command: Command, words: tuple[str, ...]) -> None:
    done = command("deliveries", "replay", *words)
    assert done.exit_code == 2
    assert "Give one ID, or say which" in done.output


def test_what_is_not_settled_is_not_replayed_and_not_audited(
    command: Command, leads: Leads, engine: Engine
) -> None:
    delivery_id = leads.delivery(leads.school("https://crm.example.edu/"))
    done = command("deliveries", "replay", show(Prefix.DELIVERY, delivery_id))
    assert done.exit_code == 1
    assert "cannot go from pending to pending" in done.output
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 0


@pytest.mark.parametrize("shown", ["dlv_00000000000000000000000000", "nonsense"])
def test_a_delivery_that_is_not_there_is_said_plainly(command: Command, shown: str) -> None:
    done = command("deliveries", "replay", shown)
    assert done.exit_code == 1
    assert shown in done.output
    assert "Traceback" not in done.output


def test_the_list_is_filtered_and_holds_nothing_of_the_student(
    command: Command, leads: Leads
) -> None:
    school = leads.school("https://crm.example.edu/")
    old, new = leads.delivery(school), leads.delivery(school)
    leads.set(old, status="failed")
    lead_id = show(Prefix.LEAD, leads.row(new).lead_id)
    assert [row["id"] for row in _listed(command)] == [
        show(Prefix.DELIVERY, each) for each in sorted((old, new), reverse=True)
    ]
    assert [row["status"] for row in _listed(command, "--status", "failed")] == ["failed"]
    assert [row["lead_id"] for row in _listed(command, "--lead", lead_id)] == [lead_id]
    nobody = show(Prefix.DESTINATION, old)
    assert _listed(command, "--destination", nobody) == []
    assert len(_listed(command, "--limit", "1")) == 1
    shown = command("deliveries", "list").output
    assert "failed" in shown
    assert not [each for each in STUDENT.values() if str(each) in shown and each is not True]
