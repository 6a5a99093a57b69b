"""What came of a school's leads and what they cost: to the cent, as its statements say."""

import csv
import io
from datetime import timedelta

import pytest

from models.domain.clock import SystemClock
from models.domain.lead import DispositionStatus as D
from models.domain.lead_report import By, Counts, LeadReport, added, share
from models.domain.statement import oldest_open_month
from service.school.reports import CSV_COLUMNS, table_rows
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW
from tests.support.sponsored import deliver_all, hold_place, say
from tests.support.staff import Person, Rooms, room

MONTH = oldest_open_month(SystemClock().now())
PRICE = 4_333


@pytest.fixture
def here(rooms: Rooms, member_a: Person) -> PlainBrowser:
    return rooms.log_in(member_a)


@pytest.fixture
def charged(rooms: Rooms) -> None:
    """A campaign's leads at every stage, one of them old; free ones; others' leads."""
    for name in ("A", "B"):
        school, campaign = rooms.schools[name], None
        leads = []
        for said in ((), (D.ENROLLED,), (D.APPLIED,), (D.REJECTED,), (D.ACCEPTED, D.RETURNED), ()):
            lead = rooms.leads.lead(school)
            leads.append(lead)
            campaign = hold_place(
                rooms.leads, school, lead, PRICE, campaign_id=campaign, month=MONTH
            )
            rooms.leads.deliver(school, lead)
            deliver_all(rooms.leads, school)
            for each in said:
                say(rooms.leads, school, lead, each)
        rooms.leads.run(
            "UPDATE lead SET created_at = :at WHERE id = :l",
            at=NOW - timedelta(days=300),
            l=leads[-1],
        )
        rooms.leads.run(
            "UPDATE lead SET campaign_version_id = (SELECT v.id FROM campaign_version v "
            "WHERE v.campaign_id = :c) WHERE organization_id = :o AND price_minor IS NOT NULL",
            c=campaign,
            o=school.organization_id,
        )
        free = rooms.leads.lead(school)
        say(rooms.leads, school, free, D.ENROLLED)
        rooms.leads.lead(school)
        with rooms.unit_of_work() as work:
            owner = school.organization_id
            work.statements.adjust(owner, (-250, "USD"), "why", by="test", now=NOW)


@pytest.mark.usefixtures("charged")
def test_a_report_counts_each_lead_once_and_agrees_with_the_statements_to_the_cent(
    rooms: Rooms,
) -> None:
    owner = rooms.schools["A"].organization_id
    with rooms.unit_of_work() as work:
        report = work.lead_reports.report(owner, NOW - timedelta(days=89), NOW + timedelta(days=1))
        always = work.lead_reports.report(owner, NOW - timedelta(days=999), NOW + timedelta(days=1))
        [statement] = work.statements.of_month(owner, MONTH)
    assert report.whole == Counts(
        leads=7,
        accepted=3,
        rejected=1,
        returned=1,
        contacted=3,
        applied=3,
        enrolled=2,
        paid={"USD": 5},
        paid_applied={"USD": 2},
        paid_enrolled={"USD": 1},
        cost={"USD": 3 * PRICE},
    )
    for by in By:
        together = Counts()
        for counts in report.groups[by].values():
            together = added(together, counts)
        assert together == report.whole, by
    assert set(report.groups[By.CAMPAIGN]) == {"c", ""}
    assert report.groups[By.CAMPAIGN][""].cost == {}
    [month] = report.months
    assert (month.these, month.others, month.adjustments) == (3 * PRICE, PRICE, -250)
    assert month.total == statement.total_minor
    assert always.whole.cost == {"USD": statement.total_minor + 250}


@pytest.mark.usefixtures("charged")
def test_the_page_says_counts_costs_and_what_they_mean(rooms: Rooms, here: PlainBrowser) -> None:
    school = rooms.schools["A"]
    here.open(room(school, "reports"))
    rows = [row for row in here.page.one("main").all("div") if len(row.all("dt")) == 1]
    said = {row.one("dt").text: row.one("dd").text for row in rows}
    assert said["Leads of these days"] == "129.99 USD"
    for words in ("2 of 7", "129.99 USD", "26.00 USD", "65.00 USD", "prog_194240", "Leads by week"):
        assert words in here.text
    assert "%" not in here.page.all("dl")[0].text
    assert "40.83" not in here.text
    assert "Days begin at midnight UTC" in here.text
    here.follow("Open all of it in a spreadsheet")
    lines = list(csv.DictReader(io.StringIO(here.reply.body)))
    paid = next(row for row in lines if (row["group"], row["name"]) == ("campaign", "c"))
    assert (paid["leads"], paid["cost"], paid["cost_per_enrolment"]) == ("5", "129.99", "129.99")
    assert {row["group"] for row in lines} == set(By)
    for query in ("from=2026-11-23", "from=2020-01-01", "to=soon"):
        here.open(room(school, f"reports?{query}"))
        assert here.reply.status == 422, query
        here.open(room(school, f"reports.csv?{query}"))
        assert here.reply.status == 422, query
    here.open(room(school, "reports?from=2019-01-01&to=2019-02-01"))
    assert "No student asked you in these days." in here.text


def test_few_leads_have_no_per_cent_and_money_is_rounded_to_the_nearest_cent() -> None:
    assert [share(3, 19), share(5, 20)] == [None, 0.25]
    assert Counts(cost={"USD": 12_999}).per({"USD": 5}) == {"USD": 2_600}
    assert Counts(cost={"USD": 5}).per({"USD": 2}) == {"USD": 3}
    assert Counts(cost={"USD": 5}).per({"USD": 0}) == Counts(cost={"USD": 5}).per({}) == {}


def test_what_one_currency_paid_for_does_not_make_the_other_look_cheaper() -> None:
    dollars = Counts(leads=10, paid={"USD": 10}, paid_applied={"USD": 4}, cost={"USD": 10_000})
    canadian = Counts(leads=2, paid={"CAD": 2}, cost={"CAD": 3_000})
    both = added(dollars, added(canadian, Counts(leads=3)))
    assert both.leads == 15
    assert both.per(both.paid) == {"USD": 1_000, "CAD": 1_500}
    assert both.per(both.paid_applied) == {"USD": 2_500}


def test_a_groups_leads_stand_in_the_table_once_whatever_currencies_paid() -> None:
    paid = Counts(leads=12, paid={"USD": 10, "CAD": 2}, cost={"USD": 10_000, "CAD": 3_000})
    report = LeadReport(paid, {by: {"c": paid} if by is By.CAMPAIGN else {} for by in By}, ())
    rows = [dict(zip(CSV_COLUMNS, row, strict=True)) for row in table_rows(report, By.CAMPAIGN, {})]
    assert [(row["leads"], row["paid"], row["currency"]) for row in rows] == [
        ("12", "10", "USD"),
        ("", "2", "CAD"),
    ]
