"""``schoolmatch staff`` on a real database."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from commands.staff import demonstration_staff
from models.domain.clock import FixedClock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.staff import Role, StaffStatus, hash_token
from service.steps.staff_locks import try_lock
from tests.support.commands import Command

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def maple(unit_of_work: UnitOfWorkFactory) -> str:
    with unit_of_work() as work:
        work.organizations.create("Maple", fictional=True, now=NOW)
    return "Maple"


def test_add_prints_a_link_of_which_only_a_hash_is_kept(
    command: Command, maple: str, unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    done = command("staff", "add", "a@b.example", "--organization", maple, "--role", "admin")
    assert done.exit_code == 0, done.output
    token = done.output.strip().rpartition("/staff/invitation/")[2]
    with engine.connect() as connection:
        [(kept, days)] = connection.execute(
            text("SELECT token_hash, expires_at - created_at FROM staff_invitation")
        ).all()
        actions = connection.scalars(text("SELECT action FROM audit")).all()
    assert bytes(kept) == hash_token(token)
    assert days.days == 7
    assert actions == ["staff.add"]
    with unit_of_work() as work:
        [person] = work.staff.all()
    assert person.status is StaffStatus.INVITED
    assert [(m.organization_name, m.role) for m in person.memberships] == [(maple, Role.ADMIN)]


def test_add_again_gives_one_more_room_and_no_new_link(
    command: Command, maple: str, unit_of_work: UnitOfWorkFactory
) -> None:
    assert command("staff", "add", "a@b.example", "--operator").exit_code == 0
    again = command("staff", "add", "A@b.example", "--organization", maple, "--json")
    assert json.loads(again.output)["invitation"] is None
    with unit_of_work() as work:
        [person] = work.staff.all()
    assert person.is_operator
    assert person.memberships[0].role is Role.MEMBER


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a@b.example",), "--operator"),
        (("a@b.example", "--operator", "--organization", "Maple"), "--operator"),
        (("a@b.example", "--organization", "Nowhere"), "there is no organization"),
        (("nonsense", "--operator"), "correct format"),
    ],
)
def test_what_cannot_be_added_says_why(
    command: Command, arguments: tuple[str, ...], says: str
) -> None:
    done = command("staff", "add", *arguments)
    assert done.exit_code != 0
    assert says in done.output


def test_nobody_gets_a_code_before_the_account_is_set_up(command: Command) -> None:
    command("staff", "add", "a@b.example", "--operator")
    done = command("staff", "code", "a@b.example")
    assert done.exit_code != 0
    assert "has not set the account up" in done.output


def test_production_tells_no_codes(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command("staff", "add", "a@b.example", "--operator")
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("ALLOW_LOOPBACK", "false")
    monkeypatch.setenv("DESTINATION_PORTS", "443")
    done = command("staff", "code", "a@b.example")
    assert done.exit_code != 0
    assert "In production codes come from people's own apps" in done.output


def test_the_demonstration_keeps_its_passwords_from_start_to_start(
    maple: str, unit_of_work: UnitOfWorkFactory, tmp_path: Path, command: Command
) -> None:
    clock, file = FixedClock(NOW), tmp_path / "staff.json"
    first = demonstration_staff(unit_of_work, clock, maple, file)
    assert demonstration_staff(unit_of_work, clock, maple, file) == first
    assert len(set(first.values())) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    for email, password in first.items():
        code = command("staff", "code", email).output.strip()
        assert len(code) == 6
        with unit_of_work() as work:
            person = work.staff.with_email(email)
            assert person is not None
            lock = work.staff.lock_of(person.id)
        assert lock is not None
        now = datetime.now(UTC)  # noqa: TID251 - the command read the machine's clock
        assert try_lock(lock, password, code, now).right
        assert try_lock(lock, password, code, now).step is not None
        assert not try_lock(lock, f"{password}x", code, now).right
    rows = json.loads(command("staff", "list", "--json").output)
    assert {row["email"]: row["operator"] for row in rows} == {
        "operator@schoolmatch.example": True,
        "admissions@schoolmatch.example": False,
    }


def test_who_is_disabled_can_be_invited_again(
    command: Command, unit_of_work: UnitOfWorkFactory
) -> None:
    command("staff", "add", "a@b.example", "--operator")
    assert command("staff", "disable", "a@b.example").exit_code == 0
    done = command("staff", "invite", "a@b.example", "--json")
    token = json.loads(done.output)["invitation"].rpartition("/")[2]
    with unit_of_work() as work:
        found = work.staff.invited(hash_token(token), datetime.now(UTC))  # noqa: TID251
    assert found is not None
