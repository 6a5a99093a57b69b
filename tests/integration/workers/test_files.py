"""Leads as files: the drainer and OpenSSH's own server."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from tests.support.draining import brisk, draining
from tests.support.leads import Leads, TestSchool, eventually
from tests.support.sshd import Sshd, sshd


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path) as running:
        yield running


@pytest.fixture
def school(leads: Leads, server: Sshd) -> TestSchool:
    return leads.school_of_kind("sftp_csv", server.settings(), server.secrets)


def batches(leads: Leads) -> list[Any]:
    with leads.engine.begin() as connection:
        return list(connection.execute(text("SELECT * FROM batch ORDER BY id")))


def ids_in(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["delivery_id"] for row in csv.DictReader(file)]


def shown(*deliveries: UUID) -> list[str]:
    return sorted(show(Prefix.DELIVERY, each) for each in deliveries)


def arrived(leads: Leads, *deliveries: UUID) -> bool:
    return eventually(lambda: {leads.row(each).status for each in deliveries} == {"delivered"}, 20)


def ended(leads: Leads, delivery_id: UUID) -> list[Any]:
    return [each for each in leads.attempts(delivery_id) if each.finished_at is not None]


def test_leads_that_wait_together_arrive_as_one_file(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    made = [leads.delivery(school) for _ in range(3)]
    with draining(leads.unit_of_work):
        assert arrived(leads, *made)
    [file] = server.folder.iterdir()
    [batch] = batches(leads)
    assert file.name == f"schoolmatch-{batch.name}.csv"
    assert batch.name == f"{show(Prefix.DESTINATION, school.destination_id)}-00000001"
    assert ids_in(file) == shown(*made)
    assert sorted(batch.members) == sorted(map(str, made))
    assert hashlib.sha256(file.read_bytes()).digest() == batch.body_hash
    for each in made:
        [attempt] = leads.attempts(each)
        assert (attempt.batch_id, attempt.outcome) == (batch.id, "delivered")


def test_a_lead_waits_for_the_window_or_for_enough_others(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    first = leads.delivery(school)
    with draining(leads.unit_of_work, kinds=brisk(3600, most=2)):
        assert not eventually(lambda: leads.row(first).status != "pending", 1)
        second = leads.delivery(school)
        assert arrived(leads, first, second)
    [file] = server.folder.iterdir()
    assert ids_in(file) == shown(first, second)


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION])
def test_a_change_does_not_wait_for_the_window_and_takes_along_who_does(
    leads: Leads, school: TestSchool, server: Sshd, purpose: Purpose
) -> None:
    told = leads.delivery(school)
    leads.set(told, status="delivered", attempts=1)
    change = leads.deliver(school, leads.row(told).lead_id, purpose)
    waiting = leads.delivery(school)
    with draining(leads.unit_of_work, kinds=brisk(3600, most=9)):
        leads.run("UPDATE delivery SET due_at = now() - interval '6 s' WHERE id = :id", id=change)
        assert arrived(leads, change, waiting)
    [file] = server.folder.iterdir()
    assert ids_in(file) == shown(change, waiting)


def test_a_batch_takes_no_more_than_its_most(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    made = [leads.delivery(school) for _ in range(5)]
    with draining(leads.unit_of_work, kinds=brisk(most=2)):
        assert arrived(leads, *made)
    assert sorted(len(ids_in(file)) for file in server.folder.iterdir()) == [1, 2, 2]
    assert sorted(each for file in server.folder.iterdir() for each in ids_in(file)) == shown(*made)


def test_who_comes_while_a_batch_is_tried_again_goes_in_the_next(
    leads: Leads, server: Sshd
) -> None:
    away = server.folder / "not-yet"
    school = leads.school_of_kind("sftp_csv", server.settings(folder=str(away)), server.secrets)
    first = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert eventually(lambda: len(ended(leads, first)) >= 1)
        second = leads.delivery(school)
        away.mkdir()
        assert arrived(leads, first, second)
    assert ended(leads, first)[0].reason in ("upload_refused", "folder_not_found")
    [before, after] = batches(leads)
    assert {each.batch_id for each in leads.attempts(first)} == {before.id}
    assert {each.batch_id for each in leads.attempts(second)} == {after.id}
    assert ids_in(away / f"schoolmatch-{before.name}.csv") == shown(first)
    assert ids_in(away / f"schoolmatch-{after.name}.csv") == shown(second)


def test_a_withdrawal_between_two_tries_takes_the_lead_out_and_changes_the_name(
    leads: Leads, server: Sshd
) -> None:
    away = server.folder / "not-yet"
    # Its table has no column that could tell of a withdrawal.
    fields = [{"to": "delivery_id", "from": "delivery_id", "required": True}]
    place = server.settings(folder=str(away), fields=fields)
    school = leads.school_of_kind("sftp_csv", place, server.secrets)
    lead_id = leads.lead(school)
    gone, stays = leads.deliver(school, lead_id), leads.delivery(school)
    with draining(leads.unit_of_work):
        assert eventually(lambda: len(ended(leads, gone)) >= 1)
        leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
        assert eventually(lambda: leads.row(gone).status == "cancelled")
        away.mkdir()
        assert arrived(leads, stays)
    before, *_, after = batches(leads)
    assert sorted(before.members) == sorted(map(str, (gone, stays)))
    assert after.members == [str(stays)]
    [file] = away.iterdir()
    assert file.name == f"schoolmatch-{after.name}.csv"
    assert ids_in(file) == shown(stays)


def test_a_withdrawal_is_a_line_that_says_so_and_names_nobody(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    lead_id = leads.lead(school)
    with draining(leads.unit_of_work):
        assert arrived(leads, leads.deliver(school, lead_id))
        told = leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
        assert arrived(leads, told)
    first, second = sorted(server.folder.iterdir())
    assert [row["purpose"] for row in _lines(first)] == ["lead"]
    [line] = _lines(second)
    assert (line["purpose"], line["delivery_id"]) == ("withdrawal", *shown(told))
    assert line["lead_id"] == show(Prefix.LEAD, lead_id)
    assert not any(line[name] for name in ("first_name", "last_name", "email", "phone"))


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_of_that_name_is_replaced_and_a_part_overwritten(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    name = f"schoolmatch-{show(Prefix.DESTINATION, school.destination_id)}-00000001.csv"
    (server.folder / name).write_bytes(b"of another life")
    (server.folder / f"{name}.part").write_bytes(b"x" * 100_000)
    made = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert arrived(leads, made)
    assert [each.name for each in server.folder.iterdir()] == [name]
    assert ids_in(server.folder / name) == shown(made)


@pytest.mark.parametrize("folder", ["/~/", "/~", "/~/in side"])
def test_a_folder_may_be_in_the_users_own(leads: Leads, server: Sshd, folder: str) -> None:
    inside = server.folder / folder[3:]
    inside.mkdir(exist_ok=True)
    school = leads.school_of_kind("sftp_csv", server.settings(folder=folder), server.secrets)
    made = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert arrived(leads, made)
    [file] = inside.iterdir()
    assert ids_in(file) == shown(made)


def test_a_server_with_another_host_key_gets_nothing(leads: Leads, server: Sshd) -> None:
    settings = server.settings(host_keys=["SHA256:" + "A" * 43])
    made = leads.delivery(leads.school_of_kind("sftp_csv", settings, server.secrets))
    with draining(leads.unit_of_work):
        assert eventually(lambda: len(ended(leads, made)) >= 1)
    assert ended(leads, made)[0].reason == "host_key_differs"
    assert leads.row(made).status == "pending"
    assert list(server.folder.iterdir()) == []


def test_a_second_key_is_known_while_a_school_changes_keys(leads: Leads, server: Sshd) -> None:
    settings = server.settings(host_keys=["SHA256:" + "A" * 43, server.host_key])
    made = leads.delivery(leads.school_of_kind("sftp_csv", settings, server.secrets))
    with draining(leads.unit_of_work):
        assert arrived(leads, made)


def test_a_wrong_login_is_told_as_one(leads: Leads, server: Sshd) -> None:
    school = leads.school_of_kind("sftp_csv", server.settings(), {"password": "wrong"})
    made = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert eventually(lambda: len(ended(leads, made)) >= 1)
    assert ended(leads, made)[0].reason == "login_refused"


def test_a_test_leaves_at_once_and_by_itself(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    waiting = leads.delivery(school)
    with leads.unit_of_work() as work:
        tried = work.deliveries.create_test(school.destination_id, work.deliveries.now())
    with draining(leads.unit_of_work, kinds=brisk(3600)):
        assert arrived(leads, tried)
    [file] = server.folder.iterdir()
    assert file.name == f"schoolmatch-test-{show(Prefix.DELIVERY, tried)}.csv"
    assert leads.row(waiting).status == "pending"
    assert batches(leads) == []


def test_replayed_as_it_was_a_batch_of_one_has_its_name_again(
    leads: Leads, school: TestSchool, server: Sshd
) -> None:
    made = leads.delivery(school)
    with draining(leads.unit_of_work):
        assert arrived(leads, made)
        [file] = server.folder.iterdir()
        before = file.read_bytes()
        file.unlink()
        with leads.unit_of_work() as work:
            work.deliveries.replay(made)
        assert eventually(lambda: any(server.folder.glob("*.csv")))
        assert arrived(leads, made)
    [file] = server.folder.iterdir()
    assert ids_in(file) == shown(made)
    assert file.read_bytes() == before
