"""A school's leads narrowed, searched, answered many at once, given back; and its first page."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.domain.consent import Channel
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus as D
from models.domain.lead_search import LeadFilter
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, STUDENT
from tests.support.sponsored import deliver_all, hold_place, say
from tests.support.staff import Person, Rooms, room


@pytest.fixture
def here(rooms: Rooms, member_a: Person) -> PlainBrowser:
    return rooms.log_in(member_a)


def shown(lead_id: UUID) -> str:
    return show(Prefix.LEAD, lead_id)


def listed(browser: PlainBrowser) -> set[str]:
    links = (link["href"].rpartition("/")[2] for link in browser.page.one("main").all("a"))
    return {link for link in links if link.startswith("lead_") and "?" not in link}


def test_where_a_lead_stands_is_the_same_in_a_list_as_by_itself(rooms: Rooms) -> None:
    school = rooms.schools["A"]
    other = rooms.leads.another(school, "https://second.example/hook")
    for first in DeliveryStatus:
        for second in (None, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED):
            lead = rooms.leads.lead(school)
            rooms.leads.set(rooms.leads.deliver(school, lead), status=first.value)
            if second is not None:
                rooms.leads.set(rooms.leads.deliver(other, lead), status=second.value)
    for said in D:
        lead = rooms.leads.lead(school)
        rooms.leads.deliver(school, lead)
        say(rooms.leads, school, lead, D.ACCEPTED)
        say(rooms.leads, school, lead, said)
    for purpose in (Purpose.WITHDRAWAL, Purpose.DELETION):
        lead = rooms.leads.lead(school)
        say(rooms.leads, school, lead, D.CONTACTED)
        rooms.leads.deliver(school, lead, purpose)
    rooms.leads.lead(school)
    with rooms.unit_of_work() as work:
        found = work.school_leads.page(school.organization_id, LeadFilter(), 100)
        alone = {each.id: work.deliveries.of_lead(each.id).status for each in found}
    assert len(found) == 3 * len(DeliveryStatus) + len(D) + 3
    assert {each.id: each.status for each in found} == alone


def test_each_filter_leaves_the_leads_that_it_names(rooms: Rooms, here: PlainBrowser) -> None:
    school = rooms.schools["A"]
    new, waits, late, lost, paid = (rooms.leads.lead(school) for _ in range(5))
    rooms.leads.lead(rooms.schools["B"])
    states = {waits: "delivered", late: "pending", lost: "poison", paid: "delivered"}
    for lead, state in states.items():
        attempts = 1 if lead is late else 0
        rooms.leads.set(rooms.leads.deliver(school, lead), status=state, attempts=attempts)
    campaign = hold_place(rooms.leads, school, paid, 4_550)
    rooms.leads.run(
        "UPDATE lead SET campaign_version_id = (SELECT v.id FROM campaign_version v "
        "WHERE v.campaign_id = :c) WHERE id = :lead",
        c=campaign,
        lead=paid,
    )
    rooms.leads.run(
        "UPDATE lead SET created_at = created_at - interval '3 days' WHERE id = :l", l=new
    )
    say(rooms.leads, school, paid, D.CONTACTED)
    rooms.leads.run(
        "UPDATE request SET jurisdiction = 'US-NJ' WHERE id = "
        "(SELECT request_id FROM lead WHERE id = :l)",
        l=lost,
    )
    every = {new, waits, late, lost, paid}
    destination = show(Prefix.DESTINATION, school.destination_id)
    for query, expected in {
        "": every,
        "status=waiting": {waits},
        "status=contacted": {paid},
        "status=accepted_by_us": {new, late},
        f"school={school.unitid}": every,
        "school=1": set(),
        f"program=prog_{school.unitid}.5107.2.-.-": every,
        "program=prog_1.5107.2.-.-": set(),
        "state=US-NJ": {lost},
        "origin=organic": every - {paid},
        "origin=sponsored": {paid},
        f"origin={show(Prefix.CAMPAIGN, campaign)}": {paid},
        "from=2026-11-22": every - {new},
        "to=2026-11-21": {new},
        f"destination={destination}": every - {new},
        "delivery=late": {late},
        "delivery=lost": {lost},
        f"delivery=delivered&destination={destination}&status=waiting": {waits},
    }.items():
        here.open(room(school, f"leads?{query}"))
        assert here.reply.status == 200, query
        assert listed(here) == set(map(shown, expected)), query
    for query, said in {
        "status=great": "Choose one of the list",
        "from=yesterday": "Enter a day like 2026-11-22",
        "origin=cmp_1": "is not an id",
        "to=9999-12-31": "Enter a day like 2026-11-22",
    }.items():
        here.open(room(school, f"leads?{query}"))
        assert (here.reply.status, said in here.text) == (422, True), query


def test_each_figure_of_today_is_the_length_of_the_list_it_leads_to(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    states = ("delivered", "delivered", "pending", "failed", "expired")
    leads = [rooms.leads.lead(school) for _ in states]
    for lead, state in zip(leads, states, strict=True):
        rooms.leads.set(rooms.leads.deliver(school, lead), status=state, attempts=1)
    rooms.leads.run(
        "UPDATE lead SET created_at = created_at - interval '1 day' WHERE id = :l", l=leads[-1]
    )
    rooms.leads.run("UPDATE destination_state SET failing_since = :at", at=NOW - timedelta(hours=2))
    here.open(room(school, "today"))
    found = {}
    for row in here.page.one("main").all("dd"):
        link = row.all("a")[0]
        found[link.text.partition(" ")[2]] = (int(link.text.split()[0]), link["href"])
    assert [count for count, _ in found.values()] == [4, 5, 2, 1, 2]
    assert "has not answered as it should since 2026-11-22 10:00" in here.text
    for words, (count, address) in found.items():
        here.open(address)
        assert len(listed(here)) == count, words
    rooms.leads.run("UPDATE destination SET status = 'disabled'")
    here.open(room(school, "today"))
    assert "said that it is gone" in here.text
    assert "has not answered" not in here.text


def test_a_person_is_found_by_address_number_and_name_and_never_by_what_was_not_agreed(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    whole = rooms.leads.lead(school)
    by_email = rooms.leads.lead(school, channels=[Channel.EMAIL])
    by_phone = rooms.leads.lead(school, channels=[Channel.CALL])
    named = rooms.leads.lead(school, channels=[], student={**STUDENT, "last_name": "Núñez-Ó Dea"})
    rooms.leads.lead(rooms.schools["B"])
    for typed, expected in {
        "ZOE@example.com": {whole, by_email},
        "(404) 555-0123": {whole, by_phone},
        "nobody@example.com": set(),
        "zoe nunez": {named},
        "ódea": set(),
        "dea": {named},
        "exam": {whole, by_email, by_phone},
    }.items():
        here.open(room(school, "leads"))
        here.fill("Find a lead", typed)
        here.press("Find")
        assert listed(here) == set(map(shown, expected)), typed
        assert "found=1" in here.address
        assert typed not in here.address
    here.fill("Find a lead", shown(whole))
    here.press("Find")
    assert here.heading == f"Lead {shown(whole)}"
    searches = [row for row in rooms.rows("audit") if row.action == "lead.search"]
    assert len(searches) == 7
    assert [word for word in ("zoe", "404", "nunez") if word in repr(searches).lower()] == []
    here.open(room(school, f"leads/{shown(by_email)}"))
    here.press("Show the student\u2019s details")
    assert STUDENT["email"] in here.text
    assert STUDENT["phone"] not in here.reply.body
    for typed in ("", "12", "…"):
        here.open(room(school, "leads"))
        here.fill("Find a lead", typed)
        here.press("Find")
        assert "found=1" not in here.address


def test_ticked_leads_are_answered_together_after_a_look(rooms: Rooms, here: PlainBrowser) -> None:
    school = rooms.schools["A"]
    first, second, ended = (rooms.leads.lead(school) for _ in range(3))
    say(rooms.leads, school, ended, D.RETURNED)
    here.open(room(school, "leads?from=2026-11-01"))
    here.press("Look at what it comes to")
    assert "Choose at least one lead first." in here.text
    for lead in (first, second, ended):
        box = next(b for b in here.page.all("input", name="lead_id") if b["value"] == shown(lead))
        here.typed[id(box)] = box["value"]
    here.typed[id(here.page.one("select", id="bulk-status"))] = "contacted"
    here.typed[id(here.page.one("input", id="bulk-reason"))] = "=1+1, by phone"
    here.press("Look at what it comes to")
    assert "2 rows can be kept. 1 row cannot." in here.text
    assert f"{shown(ended)} This lead was reported returned" in here.text
    assert len(rooms.rows("disposition")) == 1
    here.press("Keep 2 rows")
    assert here.heading == "2 rows are kept"
    kept = [row for row in rooms.rows("disposition") if row.lead_id in {first, second}]
    assert [(row.status, row.reason) for row in kept] == [("contacted", "=1+1, by phone")] * 2


def test_what_lacks_is_said_where_one_is_and_nothing_ticked_or_typed_is_lost(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    leads = [rooms.leads.lead(school) for _ in range(26)]
    rooms.leads.run("UPDATE lead SET created_at = :at WHERE id = :l", at=NOW, l=leads[0])
    rooms.leads.run(
        "UPDATE lead SET created_at = :at WHERE id <> :l", at=NOW + timedelta(hours=1), l=leads[0]
    )
    here.open(room(school, "leads?state=US-NY&from=2026-11-01"))
    here.follow("Older ones")
    assert listed(here) == {shown(leads[0])}
    here.typed[id(here.page.one("select", id="bulk-status"))] = "rejected"
    here.typed[id(here.page.one("input", id="bulk-reason"))] = "no such program"
    here.press("Look at what it comes to")
    assert here.reply.status == 422
    assert "Choose at least one lead first." in here.text
    assert listed(here) == {shown(leads[0])}, "the same page of the same list"
    here.typed[id(here.page.one("input", name="lead_id"))] = shown(leads[0])
    here.typed[id(here.page.one("select", id="bulk-status"))] = ""
    here.press("Look at what it comes to")
    assert "Choose what happened first." in here.text
    here.typed[id(here.page.one("select", id="bulk-status"))] = "rejected"
    here.press("Look at what it comes to")
    assert "1 row can be kept." in here.text
    here.press("Keep 1 row")
    [kept] = rooms.rows("disposition")
    assert (kept.lead_id, kept.status, kept.reason) == (leads[0], "rejected", "no such program")


def test_who_looks_for_one_person_is_not_given_everybodys_table(
    rooms: Rooms, admin_a: Person
) -> None:
    school, here = rooms.schools["A"], rooms.log_in(admin_a)
    rooms.leads.lead(school)
    here.open(room(school, "leads"))
    assert "Export the leads" in here.text
    here.fill("Find a lead", STUDENT["email"])
    here.press("Find")
    assert len(listed(here)) == 1
    assert "Export the leads" not in here.text


def test_a_return_says_before_what_is_left_and_after_what_it_came_to(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school, made = rooms.schools["A"], []
    campaign = None
    terms: dict[str, Any] = {
        "month": "2026-11",
        "return_quota_percent": 20,
        "return_window_days": 14,
    }
    for _ in range(5):
        made.append(rooms.leads.lead(school))
        campaign = hold_place(rooms.leads, school, made[-1], 4_550, campaign_id=campaign, **terms)
        rooms.leads.deliver(school, made[-1])
    deliver_all(rooms.leads, school)
    free = rooms.leads.lead(school)
    rooms.leads.run("UPDATE cap_ledger SET settled_at = now()")
    with rooms.unit_of_work() as work:
        rooms.clock.at = work.deliveries.now()
    here = rooms.log_in(rooms.person("second@a.example", school.organization_id))
    here.open(room(school, f"leads/{shown(made[0])}"))
    assert "Of c, 2026-11: 1 return is left of 1 (20 % of the leads charged)." in here.text
    assert "Returning it now takes back 45.50 USD." in here.text
    here.press("Return this lead")
    assert "Say why you give it back" in here.text
    assert rooms.rows("disposition") == []
    here.fill("Why do you return it?", "moved away")
    here.press("Return this lead")
    assert "are taken back." in here.text
    here.open(room(school, f"leads/{shown(made[1])}"))
    assert "0 returns are left of 1" in here.text
    assert "The quota is used up" in here.text
    here.fill("Why do you return it?", "also moved")
    here.press("Return this lead")
    assert "as your terms allow were returned already" in here.text
    here.open(room(school, f"leads/{shown(free)}"))
    assert "It is free" in here.text
    here.open(room(school, "returns"))
    for words in ("0 returns are left of 1", "Taken back: -45.50 USD", "the charge stands"):
        assert words in here.text
    assert "moved away" in here.text
    lines = "\n".join(
        ["lead_id,status", f"{shown(made[2])},rejected", f"{shown(made[3])},returned"]
    )
    here.open(room(school, "dispositions"))
    here.fill("Or paste its lines here", lines)
    here.press("Look at the table")
    assert "1 row can be kept. 1 row cannot." in here.text
    assert "as your terms allow were returned already" in here.text
    rooms.leads.run("UPDATE cap_ledger SET settled_at = now() - interval '15 days'")
    here.open(room(school, f"leads/{shown(made[2])}"))
    assert "Its window is over" in here.text
    here.open(room(school, "dispositions"))
    here.fill("Or paste its lines here", lines)
    here.press("Look at the table")
    assert "0 rows can be kept. 2 rows cannot." in here.text
