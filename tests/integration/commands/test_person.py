"""``schoolmatch person``: find, copy, erase, and erase again after an older backup."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.lead import DispositionStatus
from models.domain.person import ErasedBy, Erasure
from tests.support.commands import Command
from tests.support.leads import STUDENT, Leads

EMAIL = STUDENT["email"]
AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_person_is_found_copied_and_erased_and_a_backup_brings_nobody_back(
    engine: Engine, keyring: Keyring, command: Command, tmp_path: Path
) -> None:
    leads = Leads(engine, keyring)
    school = leads.school("https://school.example/hook")
    lead = leads.lead(school)
    leads.deliver(school, lead)

    def say(status: DispositionStatus) -> None:
        with leads.unit_of_work() as work:
            made = work.dispositions.record_raw(lead, school.organization_id, b"{}", AT)
            work.dispositions.apply(made, status, reason=f"called {EMAIL}")

    def reasons() -> list[str | None]:
        with engine.connect() as connection:
            query = "SELECT reason FROM disposition ORDER BY number"
            return list(connection.execute(text(query)).scalars())

    say(DispositionStatus.ACCEPTED)
    assert reasons() == [f"called {EMAIL}"]
    [found] = json.loads(command("person", "find", EMAIL.upper(), "--json").output)["requests"]
    assert (found["schools"], found["erased_at"]) == (1, None)

    file = tmp_path / "copy.json"
    assert command("person", "copy", EMAIL, str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [kept] = json.loads(file.read_text())["requests"]
    assert kept["about_you"]["first_name"] == STUDENT["first_name"]

    with engine.connect() as connection:
        before = connection.execute(text("SELECT person_id, wrapped FROM person_key")).one()
    assert "Aborted" in command("person", "erase", EMAIL).output, "it asks first"
    assert command("person", "erase", EMAIL, "--yes").exit_code == 0
    with engine.connect() as connection:
        told = connection.execute(text("SELECT purpose FROM delivery ORDER BY purpose")).scalars()
        assert list(told) == ["deletion", "lead"]
        assert connection.execute(text("SELECT wrapped FROM person_key")).scalar_one() is None
    # What the school says in its own words goes with the person, and none come after.
    say(DispositionStatus.CONTACTED)
    assert reasons() == [None, None]
    again = command("person", "erase", EMAIL, "--yes")
    assert (again.exit_code, "before" in again.output) == (0, True)
    command("person", "copy", EMAIL, str(file))
    assert json.loads(file.read_text())["requests"][0]["about_you"] is None

    erased = tmp_path / "erased.jsonl"
    assert command("person", "erased", str(erased)).exit_code == 0
    assert EMAIL not in erased.read_text()
    with engine.begin() as connection:  # as an older backup has it
        connection.execute(text("UPDATE person_key SET wrapped = :wrapped"), {"wrapped": before[1]})
        connection.execute(text("DELETE FROM erasure"))
        connection.execute(text("UPDATE disposition SET reason = 'said before'"))
    # One that was begun anew does not make the file forget.
    assert command("person", "erased", str(erased)).exit_code == 0
    assert "1 of 1 had come back" in command("person", "erase-again", str(erased)).output
    assert reasons() == [None, None]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT wrapped FROM person_key")).scalar_one() is None
        assert connection.execute(text("SELECT person_id FROM erasure")).scalar_one() == before[0]
    with leads.unit_of_work() as work:
        actions = {row.action for row in work.watch.audit_tail(20)}
    assert {"person.copy", "person.erase", "person.erase_again"} <= actions


def test_everybody_named_is_erased_again_at_once_and_nobody_else(
    engine: Engine, keyring: Keyring
) -> None:
    leads = Leads(engine, keyring)
    school = leads.school("https://school.example/hook")
    made = [leads.lead(school, channels=()) for _ in range(4)]
    with leads.unit_of_work() as work:
        for one in made:
            raw = work.dispositions.record_raw(one, school.organization_id, b"{}", AT)
            work.dispositions.apply(raw, DispositionStatus.ACCEPTED, reason="words")
    query = text("""
        SELECT l.id, r.person_id, k.wrapped IS NULL, r.email_index = '', e.email_index IS NOT NULL,
          d.reason
        FROM lead l JOIN request r ON r.id = l.request_id JOIN person_key k USING (person_id)
        JOIN disposition d ON d.lead_id = l.id LEFT JOIN erasure e USING (person_id)
    """)
    with engine.connect() as connection:
        person = {row.id: row.person_id for row in connection.execute(query)}
    whole, aged, twice, other = (person[one] for one in made)
    named = [
        Erasure(whole, AT, ErasedBy.STUDENT),
        Erasure(aged, AT, ErasedBy.AGE),
        *[Erasure(twice, AT, ErasedBy.OPERATOR)] * 2,
        Erasure(uuid4(), AT, ErasedBy.STUDENT),
    ]
    for back in (3, 0):
        with leads.unit_of_work() as work:
            assert work.persons.erase_again(named) == back
        with engine.connect() as connection:
            found = {row[1]: tuple(row[2:]) for row in connection.execute(query)}
        assert found == {
            whole: (True, False, True, None),
            aged: (True, True, False, None),
            twice: (True, False, True, None),
            other: (False, False, False, "words"),
        }


def test_what_is_not_there_or_not_readable_says_what_to_do(
    command: Command, tmp_path: Path
) -> None:
    assert "Nothing is kept" in command("person", "find", "nobody@example.com").output
    missing = command("person", "copy", "nobody@example.com", str(tmp_path / "x"))
    assert missing.exit_code == 1
    assert "Nothing is kept" in missing.output
    nowhere = command("person", "erased", str(tmp_path / "no" / "folder"))
    assert (nowhere.exit_code, "No such file" in nowhere.output) == (1, True)
    file = tmp_path / "erased.jsonl"
    file.write_text('{"person_id": "x"}\n')
    wrong = command("person", "erase-again", str(file))
    assert wrong.exit_code == 1
    assert "Line 1" in wrong.output
