"""Leads as a table: for an admin, once, without formulas, and without who is not to be told."""

import csv
import io
from datetime import timedelta

import pytest

from models.domain.consent import Channel
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.staff import Role
from models.exchange.lead_export import EXPORT_COLUMNS
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, STUDENT
from tests.support.staff import Person, Rooms, room

EXPORT = "Export the leads that fit the filters"


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    return rooms.log_in(admin_a)


def link(browser: PlainBrowser) -> str:
    [found] = [each["href"] for each in browser.page.all("a") if "Open the table" in each.text]
    return found


def test_a_table_opens_once_names_who_agreed_and_no_cell_is_a_formula(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    whole = rooms.leads.lead(school)
    sly = {**STUDENT, "first_name": "=HYPERLINK(1)", "last_name": "@sum", "phone": None}
    formula = rooms.leads.lead(school, student=sly, channels=[Channel.EMAIL])
    mailed = rooms.leads.lead(school, channels=[Channel.EMAIL])
    gone, erased = rooms.leads.lead(school), rooms.leads.lead(school)
    rooms.leads.deliver(school, gone, Purpose.WITHDRAWAL)
    rooms.leads.run(
        "UPDATE person_key SET wrapped = NULL WHERE person_id = (SELECT r.person_id "
        "FROM request r JOIN lead l ON l.request_id = r.id WHERE l.id = :l)",
        l=erased,
    )
    old = rooms.leads.lead(school)
    rooms.leads.run("UPDATE lead SET created_at = :at WHERE id = :l", at=NOW - timedelta(9), l=old)
    rooms.leads.lead(rooms.schools["B"])
    here.open(room(school, "leads?from=2026-11-20"))
    here.press(EXPORT)
    assert "5 leads fit." in here.text
    address = link(here)
    assert STUDENT["email"] not in here.reply.body
    late = rooms.leads.lead(school)
    rooms.leads.run(
        "UPDATE lead SET created_at = :at WHERE id = :l", at=NOW + timedelta(hours=1), l=late
    )
    cookie = "; ".join(f"{name}={value}" for name, value in here.cookies.items())
    looked = rooms.client.head(address, headers={"Cookie": cookie})
    assert (looked.status_code, looked.data) == (200, b"")
    here.open(address)
    assert here.reply.header("Content-Disposition").startswith("attachment")
    assert here.reply.header("Cache-Control") == "no-store"
    rows = {row["lead_id"]: row for row in csv.DictReader(io.StringIO(here.reply.body))}
    assert set(rows) == {show(Prefix.LEAD, one) for one in (whole, formula, mailed, gone, erased)}
    told = {one: rows[show(Prefix.LEAD, one)] for one in (whole, formula, mailed, gone, erased)}
    assert tuple(told[whole]) == EXPORT_COLUMNS
    assert (told[whole]["first_name"], told[whole]["email"]) == ("Zoë", STUDENT["email"])
    assert told[whole]["phone"] == STUDENT["phone"]
    assert told[whole]["consented_channels"] == "call email text"
    assert told[formula]["first_name"] == "'=HYPERLINK(1)"
    assert told[formula]["last_name"] == "'@sum"
    assert (told[mailed]["email"], told[mailed]["phone"]) == (STUDENT["email"], "")
    for one in (gone, erased):
        personal = [told[one][name] for name in ("first_name", "last_name", "email", "phone")]
        assert personal == [""] * 4
    assert told[gone]["status"] == "withdrawn"
    here.open(address)
    assert here.reply.status == 404
    noted = [(row.action, row.detail) for row in rooms.rows("audit") if "export" in row.action]
    filters = {"from": "2026-11-20"}
    assert sorted(noted) == [
        ("lead.export", {"rows": 5, "filters": filters}),
        ("lead.export.open", {"rows": 5, "filters": filters}),
    ]
    [kept] = rooms.rows("lead_export")
    assert (kept.rows, kept.used_at is None) == (5, False)
    assert address.rpartition("/")[2].encode() not in bytes(kept.token_hash)


def test_a_link_is_for_who_asked_and_ends_and_the_stopped_are_not_named(
    rooms: Rooms, here: PlainBrowser, member_a: Person
) -> None:
    school = rooms.schools["A"]
    here.open(room(school, "leads"))
    here.press(EXPORT)
    assert "No lead fits" in here.text
    rooms.leads.lead(school)
    here.open(room(school, "leads"))
    here.press(EXPORT)
    address = link(here)
    other = rooms.log_in(rooms.person("admin2@a.example", school.organization_id, Role.ADMIN))
    other.open(address)
    assert other.reply.status == 404
    rooms.pass_time(minutes=16)
    here.open(address)
    assert here.reply.status == 404
    index = rooms.leads.keyring.blind_index("phone", STUDENT["phone"])
    rooms.leads.run(
        "INSERT INTO suppression VALUES (gen_random_uuid(), 'phone', :i, 'stop', now())", i=index
    )
    here.open(room(school, "leads"))
    here.press(EXPORT)
    here.open(link(here))
    assert here.reply.status == 200
    assert STUDENT["email"] not in here.reply.body
    member = rooms.log_in(member_a)
    member.open(room(school, "leads"))
    assert EXPORT not in member.text
