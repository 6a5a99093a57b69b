"""``schoolmatch destination try`` and ``add``: presets from the command line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.domain.ids import Prefix, read
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.exchange.presets import PRESETS
from tests.support.commands import Command
from tests.support.draining import draining
from workers.destinations.form_post.mock import MockSystem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOL = 194240
OUTCOMES = {
    ("salesforce_web_to_lead", "good"): ("unconfirmed", "taken"),
    ("salesforce_web_to_lead", "wrong_organization"): ("unconfirmed", "taken"),
    ("salesforce_web_to_lead", "notice_page"): ("unconfirmed", "taken"),
    ("hubspot_forms", "good"): ("delivered", "submitted"),
    ("hubspot_forms", "bad_address"): ("rejected", "bad_email"),
    ("hubspot_forms", "form_differs"): ("failed", "field_missing"),
    ("hubspot_forms", "too_many"): ("pending", "too_many"),
    ("hubspot_forms", "notice_page"): ("in_doubt", "unknown_answer"),
    ("slate_sftp", "good"): ("delivered", "file_in_place"),
    ("slate_sftp", "disk_full"): ("pending", "upload_refused"),
    ("slate_sftp", "cut_short"): ("pending", "size_differs"),
    ("slate_sftp", "folder_gone"): ("pending", "folder_not_found"),
    ("slate_sftp", "another_server"): ("pending", "host_key_differs"),
    ("slate_post", "good"): ("unconfirmed", "received"),
    ("slate_post", "too_many"): ("pending", "too_many"),
    ("slate_post", "notice_page"): ("unconfirmed", "received"),
    ("marketo_forms", "good"): ("delivered", "kept"),
    ("marketo_forms", "skipped"): ("rejected", "several_leads_match"),
    ("marketo_forms", "lead_exists"): ("duplicate", "lead_exists"),
    ("marketo_forms", "refused"): ("failed", "no_such_form"),
    ("marketo_forms", "token_expired"): ("pending", "token_not_taken"),
    ("marketo_forms", "too_many"): ("pending", "too_many"),
    ("marketo_forms", "wrong_secret"): ("pending", "token_refused"),
    ("marketo_forms", "notice_page"): ("pending", "token_unreadable"),
    ("educationdynamics", "good"): ("delivered", "saved"),
    ("educationdynamics", "duplicate"): ("duplicate", "seen_before"),
    ("educationdynamics", "quota_reached"): ("rejected", "full"),
    ("educationdynamics", "refused"): ("rejected", "refused"),
    ("educationdynamics", "notice_page"): ("in_doubt", "unknown_answer"),
    ("generic_ping_post", "good"): ("delivered", "bought"),
    ("generic_ping_post", "no_bid"): ("rejected", "no_bid"),
    ("generic_ping_post", "quota_reached"): ("rejected", "full"),
    ("generic_ping_post", "low_price"): ("rejected", "price_too_low"),
    ("generic_ping_post", "seen_before"): ("duplicate", "seen_before"),
    ("generic_ping_post", "refused"): ("rejected", "refused"),
    ("generic_ping_post", "post_breaks"): ("in_doubt", "http_502"),
    ("generic_ping_post", "notice_page"): ("failed", "unknown_answer"),
}


@pytest.fixture
def worker(unit_of_work: UnitOfWorkFactory) -> Iterator[None]:
    with draining(unit_of_work):
        yield


@pytest.fixture
def organization(unit_of_work: UnitOfWorkFactory) -> str:
    with unit_of_work() as work:
        owner = work.organizations.create("Maple (fictional)", fictional=True, now=NOW)
        work.organizations.claim_school(owner.id, SCHOOL, takes_organic=True, now=NOW)
    return owner.name


@pytest.mark.parametrize(("preset", "case"), sorted(OUTCOMES))
def test_a_preset_is_tried_without_an_account_in_every_case(
    command: Command, preset: str, case: str
) -> None:
    done = command("destination", "try", preset, "--case", case, "--json")
    assert done.exit_code == 0, done.output
    tried = json.loads(done.output)
    assert (tried["outcome"], tried["reason"]) == OUTCOMES[preset, case]
    for each in tried["exchanges"]:
        assert each["request"]["body"]
        assert each["answer"]["code"] in (0, 200, 400, 401, 429, 502)
    assert {(preset, known) for known in tried["cases"]} == {k for k in OUTCOMES if k[0] == preset}


def test_an_answer_is_judged_by_the_rules_of_a_preset_and_of_a_destination(
    command: Command, organization: str, tmp_path: Path
) -> None:
    answer = tmp_path / "answer.json"
    answer.write_text('{"success": true, "result": [{"id": 318592, "status": "updated"}]}')
    done = command("destination", "judge", "marketo_forms", str(answer), "--json")
    assert done.exit_code == 0, done.output
    meant = json.loads(done.output)
    assert (meant["outcome"], meant["rule"], meant["reference"]) == ("delivered", "kept", "318592")
    answer.write_text("<html>all is well</html>")
    assert (
        "in_doubt (unknown_answer)"
        in command("destination", "judge", "marketo_forms", str(answer)).output
    )
    rules = '[{"name": "yes", "pattern": "all is (well)", "is": "delivered"}]'
    fields = '[{"to": "last", "from": "student.last_name", "required": true}]'
    made = command(
        *("destination", "add", organization, "form_post", "url=https://a.example/", "format=json"),
        *(f"fields={fields}", f"outcomes={rules}", "auth=none", "contact=a@b.example", "--json"),
    )
    own = json.loads(made.output)["id"]
    for code, meaning in (("200", "Outcome: delivered (yes)"), ("503", "Outcome: pending")):
        done = command("destination", "judge", own, str(answer), "--code", code)
        assert meaning in done.output
    assert command("destination", "judge", own, str(answer), "--ping").exit_code == 1
    assert command("destination", "judge", "nobody", str(answer)).exit_code == 1


def test_what_is_shown_is_what_the_golden_request_says(command: Command) -> None:
    done = command("destination", "try", "slate_post")
    assert '"Ref","First","Last"' in done.output
    assert "Outcome: unconfirmed (received)" in done.output
    assert "50 posts in 5 minutes" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("marketo_forms", "--case", "rain"), "case: is not played; use good, skipped"),
        (("marketo_forms", "form_id=one"), "form_id: Enter form id, such as 1029."),
        (("marketo_forms", "colour=red"), "colour: is nothing that this preset asks."),
        (("siebel",), "'siebel' is not one of"),
    ],
)
def test_nonsense_is_refused_in_words(
    command: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = command("destination", "try", *arguments)
    assert done.exit_code != 0
    assert words in done.output


@pytest.mark.usefixtures("worker")
def test_a_preset_becomes_a_destination_that_a_test_makes_active(
    command: Command, organization: str, unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    answers = [f"{name}={value}" for name, value in PRESETS["slate_post"].examples.items()]
    done = command("destination", "add", organization, "slate_post", *answers, "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.output)
    found = read(Prefix.DESTINATION, made["id"])
    with unit_of_work() as work:
        assert work.destinations.taking_requests() == {}
        kept = work.destinations.for_delivery(found)
        assert kept.settings["preset"] == "slate_post"
        assert kept.secrets == {"password": "made-up-password"}
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT pace_posts, pace_seconds FROM destination_state")
        ).one()
        audits = str(connection.execute(text("SELECT * FROM audit")).all())
    assert tuple(row) == (50, 300)
    assert "destination.add" in audits
    assert "made-up-password" not in audits + done.output
    with MockSystem("slate_post") as slate:
        moved = slate.stand_in(kept.settings)
        assert command("destination", "set", made["id"], f"url={moved['url']}").exit_code == 0
        tested = command("destination", "test", made["id"])
    assert tested.exit_code == 0, tested.output
    assert "never says what it did with a lead" in tested.output
    assert b"Schoolmatch" in slate.received[0].body
    with unit_of_work() as work:
        assert list(work.destinations.taking_requests()) == [SCHOOL]


def test_a_destination_is_made_for_nobody_without_what_the_preset_asks(
    command: Command, organization: str, engine: Engine
) -> None:
    done = command("destination", "add", organization, "slate_post", "host=apply.example.edu")
    assert done.exit_code == 1
    for name in ("format_guid", "user_name", "password"):
        assert f"{name}: Enter" in done.output
    assert command("destination", "add", "Nobody", "slate_post").exit_code == 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM destination")).scalar_one() == 0


def test_a_destination_is_made_of_a_kind_and_loses_what_is_taken_away(
    command: Command, organization: str, unit_of_work: UnitOfWorkFactory
) -> None:
    missing = command("destination", "add", organization, "sftp_csv", "host=ft.example.edu")
    assert missing.exit_code == 1
    assert "host_keys: Enter Host keys." in missing.output
    answers = (
        "host=ft.example.edu",
        f"host_keys=SHA256:{'A' * 43}",
        "folder=/incoming",
        "user_name=us",
        "password=made-up-password",
    )
    done = command("destination", "add", organization, "sftp_csv", *answers, "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.output)
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"
    both = command("destination", "set", made["id"], f"private_key={key}")
    assert "Give either a password or a private key." in both.output
    changed = command("destination", "set", made["id"], f"private_key={key}", "password=")
    assert changed.exit_code == 0, changed.output
    with unit_of_work() as work:
        kept = work.destinations.for_delivery(read(Prefix.DESTINATION, made["id"]))
    assert kept.kind == "sftp_csv"
    assert kept.settings["host_keys"] == [f"SHA256:{'A' * 43}"]
    assert kept.secrets == {"private_key": key}


def test_a_mapping_that_cannot_be_satisfied_is_not_kept(
    command: Command, organization: str, unit_of_work: UnitOfWorkFactory
) -> None:
    answers = [f"{name}={value}" for name, value in PRESETS["slate_post"].examples.items()]
    made = json.loads(
        command("destination", "add", organization, "slate_post", *answers, "--json").output
    )
    fields = json.dumps([{"to": "Phone", "from": "student.phone", "required": True}])
    done = command("destination", "set", made["id"], f"fields={fields}")
    assert done.exit_code == 1
    assert "fields.Phone: Not every lead has student.phone" in done.output
    assert command("destination", "set", made["id"], "fields=all").exit_code == 1
    with unit_of_work() as work:
        assert work.destinations.get(read(Prefix.DESTINATION, made["id"])).version == 1
