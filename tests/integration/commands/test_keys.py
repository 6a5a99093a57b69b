"""`schoolmatch keys`: a new master key, wrapping anew beside live traffic, the old one gone."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from commands.up.configuration import kept_secrets, secrets_of
from models.db.crypto import Keyring
from models.db.repositories.master_keys import WRAPPING, MasterKeys
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from tests.support.commands import Command
from tests.support.leads import Leads

OLD, NEW, INDEX = b"m" * 32, b"n" * 32, b"i" * 32
BOTH = f"new:{b64encode(NEW).decode()},test:{b64encode(OLD).decode()}"


def _said(command: Command, *arguments: str) -> Any:
    result = command(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _opens(engine: Engine, keyring: Keyring, lead_id: Any) -> str:
    with PostgresUnitOfWork(engine, keyring) as work:
        student = work.disputes.gather(lead_id).student
    assert student is not None
    return str(student["email"])


def test_data_keys_are_wrapped_anew_in_batches_beside_live_traffic(
    engine: Engine, keyring: Keyring, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {table.name for table in WRAPPING} >= {
        "person_key",
        "organization_key",
        "staff",
        "web_session",
        "staff_session",
    }
    leads = Leads(engine, keyring)
    school = leads.school("https://school.example/hook")
    made = [leads.lead(school, channels=()) for _ in range(5)]
    with leads.unit_of_work() as work:
        staff = work.staff.add("a@example.org", "A", is_operator=True, now=SystemClock().now())
    leads.run(
        "UPDATE person_key SET wrapped = NULL"
        " WHERE person_id = (SELECT person_id FROM person_key LIMIT 1)"
    )
    refused = command("keys", "remove", "test")
    assert "wraps new keys" in refused.output

    # Stopped after one batch, it goes on from there; requests come meanwhile by the old key too.
    monkeypatch.setenv("MASTER_KEYS", BOTH)
    both = Keyring({"new": NEW, "test": OLD}, INDEX)
    [persons] = [table for table in WRAPPING if table.name == "person_key"]
    with engine.begin() as connection:
        first = MasterKeys(connection, both).rewrap(persons, None, 2)
    assert (first.rows, first.last is None) == (2, False)
    made.append(leads.lead(school, channels=()))
    listed = {row["id"]: row for row in _said(command, "keys", "list")}
    assert listed["test"]["tables"] == {"organization_key": 1, "person_key": 3, "staff": 1}
    assert listed["new"]["tables"] == {"person_key": 2}
    assert "wraps 5 data keys still" in command("keys", "remove", "test").output

    assert _said(command, "keys", "rewrap", "--batch", "2") == {
        "rewrapped": {
            **{table.name: 0 for table in WRAPPING},
            "organization_key": 1,
            "person_key": 3,
            "staff": 1,
        },
        "left": [],
    }
    assert "take it out" in command("keys", "remove", "test").output
    only_new = Keyring({"new": NEW}, INDEX)
    with engine.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM person_key WHERE wrapped IS NULL"))
        assert left.scalar_one() == 1
    erased = 0
    for lead_id in made:
        try:
            assert _opens(engine, only_new, lead_id) == "zoe@example.com"
        except AssertionError:
            erased += 1
    assert erased == 1
    with PostgresUnitOfWork(engine, only_new) as work:
        work.destinations.for_delivery(school.destination_id)
        assert work.staff.lock_of(staff.id) is None
    with engine.connect() as connection:
        actions = list(connection.scalars(text("SELECT action FROM audit ORDER BY at")))
    assert actions == ["keys.rewrap", "keys.remove"]


def test_an_installation_keeps_its_own_keys(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = secrets_of(tmp_path)["MASTER_KEYS"]
    made = command("keys", "add")
    assert made.output.startswith("k2:"), made.output  # the environment's keys win here
    monkeypatch.delenv("MASTER_KEYS")
    # What `schoolmatch up` runs with stands in its settings, until its next start.
    (tmp_path / "settings.env").write_text(f"MASTER_KEYS='{before}'\n")
    assert "k2 wraps new keys from the next start" in command("keys", "add").output
    kept = kept_secrets(tmp_path)["MASTER_KEYS"]
    assert kept.endswith(f",{before}")
    assert kept.startswith("k2:")
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    monkeypatch.delenv("MASTER_KEYS")
    (tmp_path / "settings.env").write_text(f"MASTER_KEYS='{kept}'\n")
    assert "k1 is gone" in command("keys", "remove", "k1").output
    assert kept_secrets(tmp_path)["MASTER_KEYS"] == kept.removesuffix(f",{before}")
