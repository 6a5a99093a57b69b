"""`schoolmatch consent` and `audit`: rows made by real requests, sealed, exported, checked."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.chain import Chain
from models.domain.clock import SystemClock
from models.domain.organization import Actor, ActorKind
from models.proof.signing import Signer
from tests.support.commands import Command
from tests.support.leads import Leads
from tests.support.world import World
from workers.maintenance.sealing import seal

OLD, NEW = Signer("c1", b"c" * 32), Signer("c2", b"d" * 32)
KEY = OLD.public.hex()


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def _said(command: Command, *arguments: str, code: int = 0) -> Any:
    result = command(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_consents_of_real_requests_are_sealed_exported_and_checked(
    world: World, command: Command, tmp_path: Path
) -> None:
    matches = world.search()
    listing = matches["results"][0]
    world.takes_requests(int(listing["school"]["id"].removeprefix("sch_")))
    for _ in range(3):
        answer = world.send(world.body(matches, listing))
        assert answer.status_code == 202, answer.text
    clock = SystemClock()
    assert _said(command, "consent", "verify", code=0)["unsealed"] == 3
    assert seal(world.work, [OLD], clock, batch=2) == 3
    found = _said(command, "consent", "verify")
    assert (found["sealed"], found["unsealed"], found["heads"]) == (4, 0, 3)
    assert "3 consents were opened, 0 are erased" in found["notes"]

    file = tmp_path / "consents.jsonl"
    assert command("consent", "export", str(file)).exit_code == 0
    personal = ("zoe", "example.com", "Zo", "+1404", matches["slate_id"])
    assert not any(each in file.read_text() for each in personal)
    # Erasing a person by shredding their key leaves the chain whole, byte for byte.
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE person_key SET wrapped = NULL, shredded_at = now()"))
    again = tmp_path / "again.jsonl"
    command("consent", "export", str(again))
    assert again.read_bytes().splitlines()[:-1] == file.read_bytes().splitlines()[:-1]
    after = _said(command, "consent", "verify", str(again), "--key", KEY)
    assert after["holds"], after
    noted = f"{found['sequence']}:{found['head']}"
    assert _said(command, "consent", "verify", "--head", noted)["notes"] == [
        "0 consents were opened, 3 are erased"
    ]

    # Whoever has the database changes, cuts or adds in vain.
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE consent SET channel = 'call' WHERE sequence = 3"))
    assert "row 3 was changed" in _said(command, "consent", "verify", code=1)["problems"][0]
    with world.engine.begin() as connection:
        connection.execute(text("DELETE FROM consent WHERE sequence > 1"))
    assert _said(command, "consent", "verify")["holds"]  # cut at a head that was genuine
    cut = _said(command, "consent", "verify", "--head", noted, code=1)
    assert "noted as a head, and is missing" in cut["problems"][0]
    assert command("consent", "verify", str(file)).exit_code == 2
    assert command("audit", "verify", str(file), "--key", KEY).exit_code == 1


def test_what_is_not_what_was_committed_to_is_found(leads: Leads, command: Command) -> None:
    leads.lead(leads.school("https://school.example/hook"))
    found = _said(command, "consent", "verify", code=1)
    assert len(found["problems"]) == 3  # made by hand, with commitments to nothing
    assert "is not what was committed to" in found["problems"][0]


def test_audit_rows_are_sealed_over_a_change_of_keys(
    world: World, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemClock()
    file = tmp_path / "audit.jsonl"

    def act(n: int) -> None:
        actor = Actor(ActorKind.COMMAND, "ops")
        with world.work() as work:
            detail = {"share": 0.1, "n": n, "large": 2**60}
            work.organizations.record_audit(actor, "test", f"row {n}", detail, clock.now())

    act(1)
    assert seal(world.work, [OLD], clock) == 1
    # A new key signs nothing before a row of the chain names it.
    with monkeypatch.context() as rotated:
        both = (f"{one.key_id}:{b64encode(one.seed).decode()}" for one in (NEW, OLD))
        rotated.setenv("CHAIN_KEYS", ",".join(both))
        assert _said(command, "audit", "verify")["holds"]
        command("audit", "export", str(file))
    assert _said(command, "audit", "verify", str(file), "--key", KEY)["holds"]
    act(2)
    assert seal(world.work, [NEW, OLD], clock) == 1
    act(3)
    # A worker whose settings are old seals nothing; the newer one does.
    assert seal(world.work, [OLD], clock) == 0
    assert seal(world.work, [NEW], clock) == 1
    found = _said(command, "audit", "verify", "--key", NEW.public.hex())
    assert (found["sealed"], found["keys"]) == (5, [KEY, NEW.public.hex()])
    assert _said(command, "audit", "verify", "--key", KEY)["holds"]
    command("audit", "export", str(file))
    # CHAIN_KEYS of this command are old: who signs the end must be the newest.
    assert _said(command, "audit", "verify", str(file), "--key", KEY, code=1)["problems"] == [
        "the signature of the export's end is wrong"
    ]
    assert _said(command, "audit", "keys") == {"c1": KEY}


def test_two_sealers_never_give_two_rows_one_place(leads: Leads) -> None:
    school = leads.school("https://school.example/hook")
    for _ in range(4):
        leads.lead(school)
    with leads.unit_of_work() as first, leads.unit_of_work() as second:
        assert first.chains.turn(Chain.CONSENT)
        assert not second.chains.turn(Chain.CONSENT)
        assert second.chains.turn(Chain.AUDIT)
        assert seal(leads.unit_of_work, [OLD], SystemClock()) == 0
    assert seal(leads.unit_of_work, [OLD], SystemClock(), batch=5) == 12
    with leads.unit_of_work() as work:
        lines = list(work.chains.lines(Chain.CONSENT))
    assert [line["row"]["sequence"] for line in lines] == list(range(1, 14))
