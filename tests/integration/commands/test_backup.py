"""`schoolmatch backup` and `restore`: filled by real requests, dumped, wiped, put back."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, inspect, text

from commands.backup.folder import ERASED, PERSON_KEYS, alone_in, prune_person_keys
from models.db.crypto import Keyring
from models.db.migrate import migrate
from models.domain.clock import SystemClock
from models.domain.consent import Channel
from models.domain.errors import ConflictError
from models.domain.ids import Prefix, read, show
from models.domain.person import ErasedBy
from models.proof.signing import Signer
from service.steps.person import erase
from tests.support.commands import Command
from tests.support.draining import draining
from tests.support.environment import installation
from tests.support.leads import Leads, eventually
from tests.support.world import World
from workers.destinations.webhook.mock import MockReceiver
from workers.maintenance.sealing import seal

SIGNER = Signer("c1", b"c" * 32)


def _wipe(world: World) -> None:
    # Connections of before know tables that are gone.
    world.engine.dispose()
    with world.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def _email(world: World, lead_id: str) -> str | None:
    with world.work() as work:
        student = work.disputes.gather(read(Prefix.LEAD, lead_id)).student
    return None if student is None else str(student["email"])


def _backed_up(command: Command, folder: Path) -> Path:
    made = command("backup", str(folder))
    assert made.exit_code == 0, made.output
    assert "Without the master keys no personal data can be read" in made.output
    [backup] = [each for each in folder.iterdir() if each.name.endswith("Z")]
    return backup


def _said(command: Command, *arguments: str) -> Any:
    result = command(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _due(world: World) -> list[UUID]:
    with world.engine.connect() as connection:
        query = "SELECT id FROM delivery WHERE status = 'pending' ORDER BY id"
        return list(connection.scalars(text(query)))


@dataclass(frozen=True)
class Filled:
    """A database filled by real requests, and its backup; one more request came after it."""

    leads: list[str]
    body: dict[str, Any]
    due: list[UUID]
    folder: Path
    backup: Path


@pytest.fixture
def filled(world: World, command: Command, tmp_path: Path) -> Filled:
    matches = world.search()
    first = matches["results"][0]
    world.takes_requests(int(first["school"]["id"].removeprefix("sch_")))
    body = world.body(matches, first)
    leads = [world.send(body).json["leads"][0]["lead_id"] for _ in range(4)]
    assert seal(world.work, [SIGNER], SystemClock()) == 4
    due = _due(world)
    (tmp_path / "ranker/r1").mkdir(parents=True)
    (tmp_path / "ranker/r1/trees").write_bytes(b"trees")
    folder = tmp_path / "backups"
    backup = _backed_up(command, folder)
    assert world.send(body).status_code == 202
    return Filled(leads, body, due, folder, backup)


def test_all_comes_back_and_nothing_else(
    world: World, command: Command, tmp_path: Path, filled: Filled
) -> None:
    stored = b"".join(each.read_bytes() for each in filled.backup.iterdir())
    assert filled.body["student"]["email"].encode() not in stored
    before = _said(command, "consent", "verify")
    # Somebody is erased after the backup, and the next one says so.
    with world.work() as work:
        kept = work.disputes.gather(read(Prefix.LEAD, filled.leads[0])).lead
        request = read(Prefix.REQUEST, kept["request_id"])
        erase(work, request, SystemClock().now(), ErasedBy.OPERATOR)
    assert command("backup", str(filled.folder)).exit_code == 0
    # Not over what is there.
    refused = command("restore", str(filled.backup))
    assert "The database is not empty" in refused.output
    assert world.count("lead") == 5
    _wipe(world)
    (tmp_path / "ranker/r1/trees").unlink()

    # One that was killed half way: the next one removes what it left.
    with world.engine.begin() as connection:
        connection.execute(text("CREATE TABLE restore_under_way ()"))
        connection.execute(text("CREATE TABLE lead (id int)"))
    with pytest.raises(ConflictError, match="restore it again"):
        migrate(world.engine)  # nothing else begins to use it
    # One that cannot erase again whom it brought back leaves nobody behind.
    erased = filled.folder / ERASED
    whole = erased.read_text()
    erased.write_text(whole + "rubbish\n")
    assert "Line 2 is not one of" in command("restore", str(filled.backup)).output
    assert inspect(world.engine).get_table_names() == []
    erased.write_text(whole)
    done = command("restore", str(filled.backup))
    assert done.exit_code == 0, done.output
    assert world.count("lead") == 4
    assert (tmp_path / "ranker/r1/trees").read_bytes() == b"trees"
    after = _said(command, "consent", "verify")
    assert (after["head"], after["unsealed"]) == (before["head"], 0)
    assert "3 consents were opened, 1 are erased" in after["notes"]
    assert "1 persons who were erased after this backup are erased again" in done.output
    emails = sorted(str(_email(world, lead)) for lead in filled.leads)
    assert emails == ["None", *[filled.body["student"]["email"]] * 3]
    # What was due is due, by the same ids, and requests go on.
    assert set(filled.due) <= set(_due(world))
    world.serving.poll()
    other = {**filled.body["student"], "email": "other@example.com"}
    assert world.send({**filled.body, "student": other}).status_code == 202
    # Who was erased stays out, from us too.
    assert world.send(filled.body).status_code == 422


@pytest.mark.slow
def test_lost_keys_lose_people_and_neither_leads_nor_chains(
    world: World, command: Command, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = filled.backup
    _wipe(world)
    # The master key is lost: nothing happens before somebody decides.
    monkeypatch.setenv("MASTER_KEYS", f"other:{b64encode(b'x' * 32).decode()}")
    lost = command("restore", str(backup))
    assert lost.exit_code == 1
    assert "Master key test is not in MASTER_KEYS" in lost.output
    assert "consents' bytes of 4 persons" in lost.output
    assert "Not lost: 4 leads and what became of them, 4 consents" in lost.output
    kept = command("restore", str(backup), "--without-keys")
    assert kept.exit_code == 0, kept.output
    notes = _said(command, "consent", "verify")["notes"]
    assert "4 cannot be opened: their master key is lost" in notes
    monkeypatch.setenv("MASTER_KEYS", f"test:{b64encode(b'm' * 32).decode()}")

    # Keys of persons expire in 30 days; leads and chains stay.
    now = SystemClock().now()
    assert prune_person_keys(filled.folder, now + timedelta(days=29)) == []
    assert prune_person_keys(filled.folder, now + timedelta(days=31)) == [backup.name]
    assert not (backup / PERSON_KEYS).exists()
    _wipe(world)
    done = command("restore", str(backup))
    assert "people are not" in done.output, done.output
    assert world.count("lead") == 4
    assert _email(world, filled.leads[0]) is None
    assert _said(command, "consent", "verify")["notes"] == ["0 consents were opened, 4 are erased"]


@pytest.mark.slow
def test_deliveries_go_on_and_only_what_was_in_flight_comes_twice(
    engine: Engine, keyring: Keyring, command: Command, tmp_path: Path
) -> None:
    leads = Leads(engine, keyring)
    with MockReceiver() as receiver:
        school = leads.school(receiver.url)
        sent = [leads.delivery(school, channels=[Channel.EMAIL]) for _ in range(3)]
        with draining(leads.unit_of_work):
            assert receiver.wait_for(3, 30)
            assert eventually(lambda: leads.statuses() == ["delivered"] * 3, 30)
        waiting = [leads.delivery(school, channels=[Channel.EMAIL]) for _ in range(3)]
        flight = leads.delivery(school, channels=[Channel.EMAIL])
        leads.set(flight, status="leased", lease_token=1, lease_until=leads.row(flight).created_at)
        backup = _backed_up(command, tmp_path / "backups")
        # After the backup one of them arrives: the restored database cannot know.
        leads.set(flight, status="pending", lease_until=None)
        with draining(leads.unit_of_work):
            assert receiver.wait_for(7, 30)
            assert eventually(lambda: leads.statuses() == ["delivered"] * 7, 30)
        engine.dispose()
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        done = command("restore", str(backup))
        assert done.exit_code == 0, done.output
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.statuses() == ["delivered"] * 7, 30)
    came = Counter(each.id for each in receiver.received)
    for delivery in sent:
        assert came[show(Prefix.DELIVERY, delivery)] == 1
    for delivery in (*waiting, flight):
        assert came[show(Prefix.DELIVERY, delivery)] == 2  # once before, once after, by one id


def test_a_second_backup_at_once_and_one_that_was_changed_are_refused(
    engine: Engine, command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    with alone_in(folder):  # another one is at it
        draft = folder / "2026-11-22T203000.125Z.draft"
        draft.mkdir()
        second = command("backup", str(folder))
        assert (second.exit_code, draft.exists()) == (1, True)
        assert "Another backup is being written into" in second.output
    backup = _backed_up(command, folder)
    assert not draft.exists(), "what was interrupted is removed"
    dump = backup / "database.dump"
    whole = bytearray(dump.read_bytes())
    whole[len(whole) // 2] ^= 1
    dump.write_bytes(whole)
    assert "is not as it was written" in command("restore", str(backup)).output
    whole[len(whole) // 2] ^= 1
    dump.write_bytes(whole)

    # What cannot be proved whole is not left behind.
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["counts"]["lead"] += 1
    (backup / "manifest.json").write_text(json.dumps(manifest))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    assert "Rows are missing" in command("restore", str(backup)).output
    assert inspect(engine).get_table_names() == []
    assert f"those in it: {backup.name}" in command("restore", str(backup.parent)).output


@pytest.mark.slow
def test_without_a_database_the_data_folders_own_is_made(
    engine: Engine,
    keyring: Keyring,
    database_url: str,
    command: Command,
    servers_folder: Path,
) -> None:
    leads = Leads(engine, keyring)
    leads.lead(leads.school("https://school.example/hook"), channels=())
    backup = _backed_up(command, servers_folder / "backups")
    folder = servers_folder / "restored"
    environment = installation(database_url, folder)
    for name in ("DATABASE_URL", "REDIS_URL", "STORE"):
        del environment[name]
    environment["PATH"] = os.environ["PATH"]  # noqa: TID251 - a process of its own needs one

    def restore() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "commands", "restore", str(backup)],
            cwd=Path(__file__).parents[3],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = restore()
    assert done.returncode == 0, done.stderr
    assert "        1  lead\n" in done.stdout
    assert not (folder / "settings.env").exists()
    assert "The database is not empty" in restore().stderr
    shutil.rmtree(folder)
