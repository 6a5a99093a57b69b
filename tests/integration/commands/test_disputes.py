"""`schoolmatch dispute`: a pack for one lead, checked where there is nothing but Python."""

import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, text

from models.db.crypto import Keyring, WrappedKey
from models.domain.clock import SystemClock
from models.domain.ids import Prefix, show
from models.proof.pack import verify_pack
from models.proof.signing import Signer, is_signed
from tests.support.commands import Command
from tests.support.leads import Leads
from tests.support.world import World
from workers.maintenance.sealing import seal

OLD, NEW = Signer("c0", b"o" * 32), Signer("c1", b"c" * 32)
KEY = NEW.public.hex()


def _read(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as pack:
        names = [name for name in pack.namelist() if name.endswith(".json")]
        return {name.removesuffix(".json"): json.loads(pack.read(name)) for name in names}


def _alone(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the pack itself: no environment, no packages, another folder."""
    command = [sys.executable, "-I", "-S", str(file), *arguments]
    return subprocess.run(
        command, cwd=file.parent, env={}, capture_output=True, text=True, check=False
    )


def test_a_pack_of_a_real_request_proves_itself(
    world: World, command: Command, tmp_path: Path
) -> None:
    matches = world.search()
    first = matches["results"][0]
    world.takes_requests(int(first["school"]["id"].removeprefix("sch_")))
    bodies = [world.body(matches, first) for _ in range(3)]
    bodies[0]["student"]["email"] = "other@example.org"
    sent = [world.send(body) for body in bodies]
    clock = SystemClock()
    assert seal(world.work, [OLD], clock) == 3
    sent.append(world.send(bodies[2]))
    assert seal(world.work, [NEW, OLD], clock) == 1
    other, lead = (each.json["leads"][0]["lead_id"] for each in (sent[0], sent[1]))
    file = tmp_path / "pack.zip"
    made = command("dispute", "pack", lead, str(file))
    assert made.exit_code == 0, made.output

    said = json.loads(command("dispute", "verify", str(file), "--key", KEY, "--json").stdout)
    assert (said["holds"], said["sealed"], said["keys"]) == (True, 1, [OLD.public.hex(), KEY])
    alone = _alone(file, "--key", KEY)
    assert (alone.returncode, alone.stdout) == (0, "This pack holds.\n"), alone.stderr
    assert "THIS PACK DOES NOT HOLD" in _alone(file, "--key", "ab" * 32).stdout

    found = _read(file)
    [consent] = found["consents"]
    opened = json.loads(consent["canonical"])
    assert opened["text"] == consent["text"]
    assert opened["contact"] == bodies[1]["student"]["email"]
    assert len(opened["salt"]) == 32
    with zipfile.ZipFile(file) as pack:
        everything = b"".join(map(pack.read, pack.namelist())).decode()
        assert f"[x] {consent['text']}" in pack.read("consents/email.txt").decode()
    assert [each["what"] for each in found["timeline"]][:1] == ["request accepted"]
    assert found["deliveries"][0]["destination"] == "CRM"
    assert found["evidence"]["page"]
    # Of nobody else is anything told.
    assert other not in everything
    assert "other@example.org" not in everything
    with world.engine.connect() as connection:
        actions = list(connection.scalars(text("SELECT action FROM audit")))
    assert "dispute.pack" in actions

    _every_changed_byte_is_found(file.read_bytes())

    with world.engine.begin() as connection:
        connection.execute(text("UPDATE person_key SET wrapped = NULL, shredded_at = now()"))
    erased = tmp_path / "erased.zip"
    command("dispute", "pack", lead, str(erased))
    assert verify_pack(erased.read_bytes(), NEW.public, is_signed).holds
    assert _read(erased)["consents"][0]["canonical"] is None
    with zipfile.ZipFile(erased) as pack:
        everything = b"".join(map(pack.read, pack.namelist())).decode()
    assert bodies[1]["student"]["email"] not in everything
    assert command("dispute", "pack", show(Prefix.LEAD, uuid4()), str(file)).exit_code == 1


def _every_changed_byte_is_found(whole: bytes) -> None:
    chance = random.Random(5)  # noqa: S311 - a test's
    for _ in range(300):
        at, by = chance.randrange(len(whole)), chance.randrange(1, 256)
        changed = whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :]
        assert not verify_pack(changed, NEW.public, is_signed).holds, at
    assert not verify_pack(whole[:-1], NEW.public, is_signed).holds
    assert not verify_pack(whole + b" ", NEW.public, is_signed).holds


def test_what_was_sent_is_shown_and_answers_are_masked(
    engine: Engine, keyring: Keyring, command: Command, tmp_path: Path
) -> None:
    leads = Leads(engine, keyring)
    school = leads.school("https://school.example/hook")
    delivery = leads.delivery(school, channels=())
    row = leads.row(delivery)
    with engine.begin() as connection:
        person = connection.execute(text("SELECT * FROM person_key")).one()
    key = keyring.unwrap(WrappedKey(person.master_key_id, person.wrapped), person.person_id)
    body = key.seal(b'{"why": "work", "email": "zoe@example.com"}', "delivery", "body", delivery)
    head = key.seal(b"thanks zoe@example.com", "attempt", "answer_head", f"{delivery}:1")
    leads.set(delivery, body=body, body_hash=b"h" * 32, status="delivered")
    leads.run(
        "INSERT INTO attempt (delivery_id, n, step, lease_token, started_at, outcome, code,"
        " answer_head) VALUES (:id, 1, 'send', 1, now(), 'delivered', 200, :head)",
        id=delivery,
        head=head,
    )
    file = tmp_path / "pack.zip"
    made = command("dispute", "pack", show(Prefix.LEAD, row.lead_id), str(file))
    assert made.exit_code == 0, made.output
    found = _read(file)
    [told] = found["deliveries"]
    assert told["body"] == '{"why": "…", "email": "zoe@example.com"}'
    assert told["attempts"][0]["answer"] == "thanks …"
    assert told["body_sha256"] == (b"h" * 32).hex()
    assert verify_pack(file.read_bytes(), None, is_signed).holds
