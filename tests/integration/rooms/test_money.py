"""Statements in a school's rooms, and what an operator is told before somebody asks."""

from uuid import UUID

import pytest
from prometheus_client import generate_latest

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.clock import SystemClock
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus
from models.domain.statement import oldest_open_month
from tests.support.leads import NOW
from tests.support.sponsored import deliver_all, hold_place, say
from tests.support.staff import Person, Rooms, room
from workers.figures import Figures

PRICE = 4_550
MONTH = oldest_open_month(SystemClock().now())


@pytest.fixture
def charged(rooms: Rooms) -> list[UUID]:
    """Three leads that school A owes for, one of them returned."""
    school = rooms.schools["A"]
    made = []
    for _ in range(3):
        lead_id = rooms.leads.lead(school)
        hold_place(rooms.leads, school, lead_id, PRICE, month=MONTH)
        rooms.leads.deliver(school, lead_id)
        made.append(lead_id)
    deliver_all(rooms.leads, school)
    say(rooms.leads, school, made[0], DispositionStatus.RETURNED)
    return made


def test_a_school_reads_what_it_owes_and_each_line_says_sponsored_invariant_2(
    rooms: Rooms, member_a: Person, charged: list[UUID]
) -> None:
    here = rooms.log_in(member_a)
    here.open(room(rooms.schools["A"], "statements"))
    assert "91.00 USD" in here.text
    assert "Open until the 7th of the next month" in here.text
    here.follow(MONTH)
    for words in ("91.00 USD", "Sponsored: Return -45.50 USD", "Sponsored: Lead 45.50 USD"):
        assert words in here.text
    assert show(Prefix.LEAD, charged[1]) in here.text
    here.follow("Open it in a spreadsheet (CSV)")
    lines = here.reply.body.splitlines()
    assert lines[0].startswith('"placement","line"')
    assert [line.split(",")[0] for line in lines[1:]] == ['"Sponsored"'] * 4 + ['""']
    assert '"91.00","USD"' in lines[-1]


def test_another_schools_statement_is_not_there(
    rooms: Rooms, member_b: Person, charged: list[UUID]
) -> None:
    here = rooms.log_in(member_b)
    here.open(room(rooms.schools["B"], "statements"))
    assert "Nothing was charged yet" in here.text
    assert charged
    for where in (f"statements/{MONTH}", f"statements/{MONTH}.csv", "statements/2026-13"):
        here.open(room(rooms.schools["B"], where))
        assert here.reply.status == 404


def test_an_operator_is_told_of_caps_near_their_end_and_of_schools_that_refuse_more(
    rooms: Rooms, operator: Person
) -> None:
    school = rooms.schools["A"]
    settings = CampaignSettings((school.unitid,), caps=Caps(total=10, total_budget=100_000))
    with rooms.leads.unit_of_work() as work:
        made = work.campaigns.create(
            school.organization_id, "Nearly", Terms(PRICE, "USD", settings), by="t", now=NOW
        )
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    office = rooms.log_in(operator)
    office.open("/staff/operator/money")
    assert "None." in office.text
    assert "None this week." in office.text
    for period, key, used, limit in (("total", "all", 9, 10), ("total_budget", "all USD", 1, 9)):
        rooms.leads.run(
            "INSERT INTO cap_window VALUES (:c, :p, :k, :u, :l)",
            c=made,
            p=period,
            k=key,
            u=used,
            l=limit,
        )
    for _ in range(20):
        say(rooms.leads, school, rooms.leads.lead(school), DispositionStatus.REJECTED)
    office.open("/staff/operator/money")
    assert "Leads in all 9 of 10" in office.text
    assert "Money in all" not in office.text
    assert "This week 20 of 20 leads were refused" in office.text
    told = generate_latest(Figures(rooms.leads.unit_of_work).registry).decode()
    assert 'schoolmatch_cap_windows_near_end{period="total"} 1.0' in told
    assert 'schoolmatch_cap_windows_near_end{period="total_budget"} 0.0' in told
    assert "schoolmatch_organizations_refusing_more 1.0" in told
