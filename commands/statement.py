"""``schoolmatch statement``: what an organization owes for a month."""

from collections.abc import Sequence
from typing import Any

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import Door, door, whoami
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.campaign_changes import CURRENCIES, decimal, money, read_amount
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read, show
from models.domain.organization import Organization
from models.domain.statement import Discrepancy, Statement, StatementLine, check_month
from models.exchange.statement_table import SPONSORED, statement_table


@click.command()
@click.argument("organization")
@click.argument("month")
@click.option("--csv", "as_csv", is_flag=True, help="Print it as a table for a spreadsheet.")
@click.option("--adjust", metavar="AMOUNT", help="First add a line: 12.50 more, or -12.50 less.")
@click.option("--note", default="", help="Why it is adjusted; stands on the statement.")
@click.option("--currency", default="USD", type=click.Choice(list(CURRENCIES)), show_default=True)
@as_json_option
def statement(  # noqa: PLR0913 - one parameter an option
    organization: str,
    month: str,
    adjust: str | None,
    note: str,
    currency: str,
    *,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show what ORGANIZATION (its id, or its name) owes for MONTH, such as 2026-11.

    Every lead that arrived is a line, and so is every one that was taken back. The month is open
    until the 7th of the next one; then it is issued and never changes. An adjustment stands in the
    oldest month that is open.
    """
    with door() as opened, opened.unit_of_work() as work:
        found = find_organization(work, organization)
        if adjust is not None:
            _adjust(opened, work, found, (adjust, currency), note)
        statements = work.statements.of_month(found.id, check_month(month))
        wrong = work.statements.discrepancies(found.id)
    if as_csv:
        for each in statements:
            click.echo(statement_table(each).decode(), nl=False)
    elif as_json:
        show_json([_document(each, wrong) for each in statements])
    else:
        _print(found, month, statements)
    if wrong:
        raise click.ClickException(f"{len(wrong)} leads are not charged as their places say.")


def find_organization(work: PostgresUnitOfWork, text: str) -> Organization:
    """Find an organization by its name or its id.

    Raises:
        NotFoundError: when there is none.
    """
    named = work.organizations.named(text)
    found = named or work.organizations.get(read(Prefix.ORGANIZATION, text))
    if found is None:
        raise NotFoundError(f"there is no organization {text}")
    return found


def _adjust(
    opened: Door,
    work: PostgresUnitOfWork,
    organization: Organization,
    amount: tuple[str, str],
    note: str,
) -> None:
    if not note.strip():
        raise InvalidInputError({"note": ["say why; it stands on the statement."]})
    try:
        minor = read_amount(amount[0])
    except ValueError as error:
        raise InvalidInputError({"adjust": [str(error)]}) from error
    who, now = whoami(), opened.clock.now()
    month = work.statements.adjust(
        organization.id, (minor, amount[1]), note.strip(), by=who.name, now=now
    )
    shown = show(Prefix.ORGANIZATION, organization.id)
    detail = {"amount": money(minor, amount[1]), "month": month, "note": note.strip()}
    work.organizations.record_audit(who, "statement.adjust", shown, detail, now)


def _print(organization: Organization, month: str, statements: tuple[Statement, ...]) -> None:
    if not statements:
        click.echo(f"{organization.name} owes nothing for {month}.")
    for each in statements:
        state = f"issued {each.issued_at:%Y-%m-%d}" if each.issued_at else "still open"
        click.echo(f"{each.organization_name}, {each.month}, {state}\n")
        rows = [_row(line, each.currency) for line in each.lines]
        columns = ("placement", "line", "lead_id", "asked_at", "school", "amount", "note")
        show_table(rows, columns, "No lines.")
        click.echo(f"\nTotal: {money(each.total_minor, each.currency)}")


def _document(statement: Statement, wrong: Sequence[Discrepancy]) -> dict[str, Any]:
    return {
        "organization": statement.organization_name,
        "month": statement.month,
        "currency": statement.currency,
        "issued_at": statement.issued_at and statement.issued_at.isoformat(),
        "total_minor": statement.total_minor,
        "subtotals": {
            kind.value: {"count": count, "amount_minor": amount}
            for kind, (count, amount) in statement.subtotals().items()
        },
        "balanced": not wrong,
        "lines": [_row(line, statement.currency) for line in statement.lines],
    }


def _row(line: StatementLine, currency: str) -> dict[str, Any]:
    return {
        "placement": SPONSORED if line.lead_id else None,
        "line": line.kind.value,
        "lead_id": line.lead_id and show(Prefix.LEAD, line.lead_id),
        "asked_at": line.asked_at and line.asked_at.isoformat(timespec="seconds"),
        "at": line.at.isoformat(timespec="seconds"),
        "school": line.school_name,
        "campaign": line.campaign_name,
        "amount": decimal(line.amount_minor, currency),
        "amount_minor": line.amount_minor,
        "note": line.note,
    }
