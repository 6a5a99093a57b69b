"""The kind ``sftp_csv``: what a school sets, and how lines become one table."""

import csv
import io
from dataclasses import replace
from uuid import UUID

import pytest

from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError
from models.domain.sending import DestinationTest
from models.exchange.kinds import KINDS
from models.exchange.kinds.sftp_csv import join
from models.exchange.payload import UnrenderableError
from models.exchange.sample import SAMPLE_AT, sample_lead

KIND = KINDS["sftp_csv"]
LEAD = sample_lead(())
GOOD = {
    "host": "ft.example.net",
    "host_keys": ["SHA256:" + "A" * 43],
    "folder": "/incoming/school match",
    "user_name": "schoolmatch",
}
SECRET = {"password": "made-up"}
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n"


def line(number: int, **settings: object) -> bytes:
    return KIND.write(LEAD, UUID(int=number), settings)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_lines_become_one_table_in_their_order() -> None:
    joined = join([line(1), line(2)])
    assert joined.count(b"\r\n") == 3
    assert [row["delivery_id"][-1] for row in table(joined)] == ["1", "2"]
    assert joined == join([line(1), line(2)])
    assert join([line(1)]) == line(1)


def test_lines_of_other_columns_keep_theirs() -> None:
    fields = [
        {"to": "delivery_id", "from": "delivery_id"},
        {"to": "CIP", "from": "programs[0].cip"},
    ]
    rows = table(join([line(1, fields=fields), line(2)]))
    assert (rows[0]["CIP"], rows[1]["CIP"]) == ("51.07", "")
    assert (rows[0]["first_name"], rows[1]["first_name"]) == ("", "Test")


def test_what_was_typed_stays_one_cell_and_no_formula() -> None:
    evil = '=cmd|"/c"!A1\r\n"x",\'; DROP'
    facts = replace(LEAD, student={**LEAD.student, "last_name": evil})
    [row] = table(join([KIND.write(facts, UUID(int=1), {})]))
    assert row["last_name"] == '\'=cmd|"/c"!A1 "x",\'; DROP'
    assert row["first_name"] == "Test"


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION])
def test_a_table_without_a_column_for_it_takes_nothing_but_leads(purpose: Purpose) -> None:
    settings = {"fields": [{"to": "ref", "from": "lead_id", "required": True}]}
    with pytest.raises(UnrenderableError):
        KIND.write(replace(LEAD, purpose=purpose), UUID(int=1), settings)


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION])
def test_our_table_says_of_each_line_what_it_is_and_nothing_of_who_took_a_lead_back(
    purpose: Purpose,
) -> None:
    lines = [KIND.write(replace(LEAD, purpose=p), UUID(int=1), {}) for p in (Purpose.LEAD, purpose)]
    new, told = table(join(lines))
    assert (new["purpose"], told["purpose"]) == ("lead", purpose.value)
    assert new["lead_id"] == told["lead_id"]
    whole = purpose is Purpose.CORRECTION
    assert (told["last_name"] == new["last_name"]) is whole
    personal = ("first_name", "last_name", "email", "phone", "postal_code", "consent_email")
    assert whole or not any(told[name] for name in personal)


def test_a_test_is_a_lead_that_nobody_sent() -> None:
    [row] = table(KIND.write(DestinationTest(UUID(int=3), SAMPLE_AT), UUID(int=1), {}))
    assert row["email"] == "schoolmatch-test@example.com"


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({}, SECRET),
        ({"host": "[2001:db8::1]", "port": "2222", "folder": "/~/in"}, SECRET),
        ({"folder": "/", "host_keys": ["SHA256:" + "+/" * 21 + "A"]}, {"private_key": KEY}),
    ],
)
def test_settings_that_can_work_are_accepted(
    settings: dict[str, object], secrets: dict[str, object]
) -> None:
    KIND.check({**GOOD, **settings}, secrets)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "sftp://x"),
        ("host", "a b"),
        ("host", "x/../y"),
        ("port", "0"),
        ("port", 22),
        ("port", "65536"),
        ("host_keys", "SHA256:" + "A" * 43),
        ("host_keys", []),
        ("host_keys", ["SHA256:" + "A" * 42]),
        ("host_keys", ["MD5:" + "A" * 43]),
        ("folder", "incoming"),
        ("folder", "/in/../etc"),
        ("folder", '/in"\nrm /x'),
        ("folder", "/in?x"),
        ("folder", "/" + "a" * 200 + "!"),  # refused at once: no name can be split two ways
        ("user_name", "a b"),
        ("user_name", ""),
        ("fields", [{"to": "x", "from": "nothing.such"}]),
    ],
)
def test_settings_that_cannot_work_get_a_message(name: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as error:
        KIND.check({**GOOD, name: value}, SECRET)
    assert {problem.partition(".")[0] for problem in error.value.messages} == {name}


@pytest.mark.parametrize("secrets", [{}, {**SECRET, "private_key": KEY}])
def test_there_is_one_way_to_prove_who_we_are(secrets: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        KIND.check(GOOD, secrets)


def test_a_key_is_given_as_it_is_in_its_file() -> None:
    with pytest.raises(InvalidInputError) as error:
        KIND.check(GOOD, {"private_key": "ssh-ed25519 AAAA"})
    assert error.value.messages.keys() == {"private_key"}
