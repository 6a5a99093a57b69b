"""A real journey fills each preset's golden request, byte by byte."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest

from models.domain.destination import DestinationStatus, NewDestination
from models.domain.ids import Prefix, show
from models.exchange.presets import PRESETS
from tests.support.draining import draining
from tests.support.leads import eventually
from tests.support.sshd import sshd
from tests.support.world import STUDENT, World

GOLDEN = Path(__file__).parents[2] / "data/presets"
PHONE = "(845) 555-0123"
# What is put as a file has a test of its own.
BY_FILE = {name for name, preset in PRESETS.items() if preset.kind == "sftp_csv"}
# How a text stands in a body that is no JSON.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "salesforce_web_to_lead": quote_plus,
    "generic_ping_post": quote_plus,
    "slate_post": lambda text: text.replace('"', '""'),
}


@pytest.mark.parametrize("preset", [n for n in sorted(PRESETS) if n not in BY_FILE])
def test_what_a_student_types_arrives_in_the_schools_own_fields(world: World, preset: str) -> None:
    settings, secrets = PRESETS[preset].expand(PRESETS[preset].examples)
    with _played(preset) as system:
        chosen = _journey(world, preset, system.stand_in(settings), secrets)
    *before, sent = [r for r in system.received if "token" not in r.path]
    for ping in before:  # invariant 3: a ping carries no personal data
        assert not [own for own in (*STUDENT.values(), sent.id) if str(own).encode() in ping.body]
    golden = _golden(world, preset, chosen, SPELLINGS.get(preset, _in_json))
    assert _without_moments(sent.body.decode(), sent.id) == golden


def test_what_a_student_types_arrives_in_a_file_of_the_schools_own_columns(
    world: World, tmp_path: Path
) -> None:
    """Put by SFTP on OpenSSH's own server, which is told the preset's columns and nothing else."""
    settings, _ = PRESETS["slate_sftp"].expand(PRESETS["slate_sftp"].examples)
    with sshd(tmp_path) as server:
        there = {**settings, **server.settings()}
        chosen = _journey(world, "slate_sftp", there, server.secrets)
        [file] = server.folder.iterdir()
        table = file.read_bytes().decode()
    [row] = world.rows("SELECT id FROM delivery")
    golden = _golden(world, "slate_sftp", chosen, SPELLINGS["slate_post"])
    assert _without_moments(table, show(Prefix.DELIVERY, row.id)) == golden


def _journey(
    world: World, preset: str, settings: dict[str, Any], secrets: dict[str, Any]
) -> dict[str, Any]:
    """Let a student ask a school that takes leads by a preset; return the listing asked about."""
    listing = world.search()["results"][0]
    unitid = int(listing["school"]["id"].removeprefix("sch_"))
    _takes_requests(world, preset, settings, secrets, unitid)
    found = world.search()
    chosen: dict[str, Any]
    [chosen] = [each for each in found["results"] if each["request"] == "here"][:1]
    answer = world.send(_body(world, found, chosen))
    assert answer.status_code == 202, answer.text
    with draining(world.work):
        assert eventually(lambda: _settled(world), 30)
    return chosen


def _golden(world: World, preset: str, chosen: dict[str, Any], spell: Callable[[str], str]) -> str:
    """A preset's golden request, with what this run's catalog and texts say."""
    golden = (GOLDEN / f"{preset}.journey").read_bytes().decode()
    for name, text in {
        "title": chosen["program"]["title"],
        "cip": chosen["program"]["cip"],
        "consent": _consent(world, "email"),
        "call": _consent(world, "call"),
        "start": _start(world),
    }.items():
        golden = golden.replace(f"{{{name}}}", spell(text))
    return golden


def _played(preset: str) -> Any:
    return import_module(f"workers.destinations.{PRESETS[preset].kind}.mock").MockSystem(preset)


def _takes_requests(
    world: World, preset: str, settings: dict[str, Any], secrets: dict[str, Any], unitid: int
) -> None:
    now = world.clock.now()
    with world.work() as work:
        owner = work.organizations.create(f"Org {uuid4()}", fictional=True, now=now)
        work.organizations.claim_school(owner.id, unitid, takes_organic=True, now=now)
        new = NewDestination("CRM", PRESETS[preset].kind, settings, secrets, (unitid,))
        destination = work.destinations.create(owner.id, new, by="test", now=now)
        work.destinations.set_status(destination, DestinationStatus.ACTIVE)
        work.destinations.mark_tested(destination, now)
    world.serving.poll()


def _body(world: World, found: Any, chosen: Any) -> dict[str, Any]:
    """A submission with every channel ticked."""
    form = world.client.get(
        "/api/v1/request-form",
        query_string={"slate_id": found["slate_id"], "listing_ids": [chosen["listing_id"]]},
    )
    consents = [
        {name: each[name] for name in ("school_id", "channel", "text_id")}
        for each in form.json["consents"]
    ]
    assert {each["channel"] for each in consents} == {"email", "call", "text"}
    student = {**STUDENT, "phone": PHONE, "desired_start": _start(world)}
    return {**world.body(found, chosen), "student": student, "consents": consents}


def _start(world: World) -> str:
    """The month after the next four."""
    now = world.clock.now()
    year, month = divmod(now.year * 12 + now.month - 1 + 5, 12)
    return f"{year}-{month + 1:02}"


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _consent(world: World, channel: str) -> str:
    """The text about a channel that the student agreed to."""
    rows = world.rows("SELECT channel, text FROM consent_text")
    [row] = [each for each in rows if each.channel == channel]
    return str(row.text)


def _settled(world: World) -> bool:
    rows = world.rows("SELECT status FROM delivery")
    return [row.status for row in rows] in (["delivered"], ["unconfirmed"])


def _without_moments(body: str, delivery_id: str) -> str:
    """Put words where each run has an id and a moment of its own."""
    body = body.replace(delivery_id, "{delivery_id}")
    body = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "{asked_at}", body)
    return re.sub(r'"submittedAt":"\d{13}"', '"submittedAt":"{asked_at}"', body)
