"""``schoolmatch statement``: what an organization owes, on a real database."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.clock import FixedClock, SystemClock
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus as D
from models.domain.lead import Verdict
from models.domain.statement import OPEN_FOR, ChargeKind, oldest_open_month
from tests.support.commands import Command
from tests.support.leads import Leads, TestSchool
from tests.support.sponsored import deliver_all, hold_place, say
from workers.maintenance.statements import issue_statements

PRICE = 4_550
MONTH = oldest_open_month(SystemClock().now())
OVER = datetime.fromisoformat(f"{MONTH}-01T00:00:00+00:00") + timedelta(days=40)
CLOSES = OVER.replace(day=1) + OPEN_FOR


@dataclass
class Books:
    """One school's leads, delivered and charged."""

    leads: Leads
    school: TestSchool
    campaign: UUID | None = None

    def charge(self, **terms: Any) -> UUID:
        """Deliver a lead that a campaign pays for."""
        lead_id = self.leads.lead(self.school)
        self.campaign = hold_place(
            self.leads,
            self.school,
            lead_id,
            PRICE,
            campaign_id=self.campaign,
            month=MONTH,
            **terms,
        )
        self.leads.deliver(self.school, lead_id)
        deliver_all(self.leads, self.school)
        return lead_id

    def say(self, lead_id: UUID, status: D) -> Verdict:
        """Say what became of a lead."""
        return say(self.leads, self.school, lead_id, status)

    def total(self, month: str = MONTH) -> int:
        """What is owed, having checked it against the places."""
        with self.leads.unit_of_work() as work:
            assert work.statements.discrepancies() == []
            found = work.statements.of_month(self.school.organization_id, month)
        return sum(each.total_minor for each in found)

    def kinds(self) -> list[str]:
        with self.leads.unit_of_work() as work:
            found = work.statements.of_month(self.school.organization_id, MONTH)
        return [line.kind.value for each in found for line in each.lines]


@pytest.fixture
def books(engine: Engine, keyring: Keyring) -> Books:
    leads = Leads(engine, keyring)
    return Books(leads, leads.school("http://127.0.0.1:9/"))


def test_what_is_owed_follows_the_places_to_the_cent(books: Books) -> None:
    first, second, third = (books.charge() for _ in range(3))
    assert books.total() == 3 * PRICE
    assert books.say(first, D.REJECTED) is Verdict.APPLIED
    assert books.total() == 2 * PRICE
    assert books.say(first, D.ACCEPTED) is Verdict.APPLIED
    assert books.say(first, D.ACCEPTED) is Verdict.REPEATED
    assert books.total() == 3 * PRICE
    assert books.say(second, D.RETURNED) is Verdict.APPLIED
    assert books.say(third, D.ENROLLED) is Verdict.APPLIED
    assert books.total() == 2 * PRICE
    assert books.kinds() == ["lead"] * 3 + ["credit", "lead", "return"]


def test_a_charge_stands_after_the_return_window_and_what_was_said_is_kept(books: Books) -> None:
    lead_id = books.charge(return_window_days=7)
    books.leads.run("UPDATE cap_ledger SET settled_at = now() - interval '7 days 1 minute'")
    assert books.say(lead_id, D.RETURNED) is Verdict.LATE
    assert books.say(lead_id, D.REJECTED) is Verdict.LATE
    assert books.total() == PRICE
    assert books.say(lead_id, D.CONTACTED) is Verdict.APPLIED
    books.leads.run("UPDATE cap_ledger SET settled_at = now() - interval '6 days 23 hours'")
    assert books.say(lead_id, D.RETURNED) is Verdict.APPLIED
    assert books.total() == 0


def test_returns_end_at_the_quota_and_rejects_do_not_count_in_it(books: Books) -> None:
    leads = [books.charge(return_quota_percent=40) for _ in range(5)]
    assert books.say(leads[0], D.REJECTED) is Verdict.APPLIED
    said = [books.say(lead_id, D.RETURNED) for lead_id in leads[1:]]
    # 40 % of the four that were charged and not credited, rounded up.
    assert said == [Verdict.APPLIED] * 2 + [Verdict.OVER_QUOTA] * 2
    assert books.total() == 2 * PRICE


def test_a_month_is_issued_when_it_is_over_and_never_changes(books: Books) -> None:
    lead_id = books.charge()
    issue_statements(books.leads.unit_of_work, FixedClock(CLOSES - timedelta(seconds=1)))
    assert _issued(books) == []
    late = FixedClock(CLOSES)
    for _ in range(2):
        issue_statements(books.leads.unit_of_work, late)
    assert _issued(books) == [(MONTH, PRICE)]
    # A credit that comes in January stands in January's statement.
    books.leads.run("UPDATE charge SET month = '2020-01'")
    books.leads.run('UPDATE lead SET terms = terms || \'{"month": "2020-01"}\'')
    books.say(lead_id, D.RETURNED)
    with books.leads.unit_of_work() as work:
        months = {each.month: each.total_minor for each in _months(work, books)}
    assert months.pop("2020-01") == PRICE
    assert list(months.values()) == [-PRICE]


def _months(work: Any, books: Books) -> Any:
    return work.statements.months(books.school.organization_id)


def _issued(books: Books) -> list[tuple[str, int]]:
    with books.leads.unit_of_work() as work:
        return [(m.month, m.total_minor) for m in _months(work, books) if m.issued_at is not None]


def test_the_command_prints_lines_adjustments_and_a_table(command: Command, books: Books) -> None:
    first, second = books.charge(), books.charge()
    books.say(second, D.DUPLICATE)
    owner = show(Prefix.ORGANIZATION, books.school.organization_id)
    refused = command("statement", owner, MONTH, "--adjust=-5.25")
    assert refused.exit_code == 1
    assert "say why" in refused.output
    done = command("statement", owner, MONTH, "--adjust=-5.25", "--note", "=1+1", "--json")
    assert done.exit_code == 0, done.output
    [shown] = json.loads(done.output)
    assert shown["total_minor"] == PRICE - 525
    assert shown["balanced"]
    assert shown["subtotals"]["credit"] == {"count": 1, "amount_minor": -PRICE}
    assert "40.25 USD" in command("statement", owner, MONTH).output
    rows = list(csv.DictReader(io.StringIO(command("statement", owner, MONTH, "--csv").output)))
    assert [row["amount"] for row in rows] == ["45.50", "45.50", "-45.50", "-5.25", "40.25"]
    assert [row["placement"] for row in rows] == ["Sponsored"] * 3 + [""] * 2
    assert rows[0]["lead_id"] == show(Prefix.LEAD, first)
    assert rows[3]["note"] == "'=1+1"
    assert [row["line"] for row in rows][-2:] == [ChargeKind.ADJUSTMENT.value, "total"]


def test_a_lead_whose_charge_is_lost_is_said_loudly(command: Command, books: Books) -> None:
    books.charge()
    books.leads.run("DELETE FROM charge")
    owner = show(Prefix.ORGANIZATION, books.school.organization_id)
    done = command("statement", owner, MONTH)
    assert done.exit_code == 1
    assert "1 leads are not charged" in done.output
    assert command("statement", owner, "2026-13").exit_code == 1
    assert command("statement", "Nobody", MONTH).exit_code == 1
