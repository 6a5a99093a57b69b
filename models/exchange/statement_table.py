"""A statement as a table for spreadsheets: a line a charge, then the total.

What was paid for to be shown says so in the first column.
"""

from models.domain.campaign_changes import decimal
from models.domain.ids import Prefix, show
from models.domain.statement import Statement, StatementLine
from models.exchange.writing import write_table

SPONSORED = "Sponsored"
COLUMNS = (
    "placement",
    "line",
    "lead_id",
    "asked_at",
    "school",
    "campaign",
    "charged_at",
    "amount",
    "currency",
    "note",
    "organization",
    "month",
)


def statement_table(statement: Statement) -> bytes:
    """Write a statement as CSV: amounts with a point, credits negative, times in UTC."""
    about = (statement.organization_name, statement.month)
    rows = [[*_cells(line, statement.currency), *about] for line in statement.lines]
    total = decimal(statement.total_minor, statement.currency)
    rows.append(["", "total", *[""] * 5, total, statement.currency, "", *about])
    return write_table(COLUMNS, rows)


def _cells(line: StatementLine, currency: str) -> list[str]:
    return [
        SPONSORED if line.lead_id else "",
        line.kind.value,
        show(Prefix.LEAD, line.lead_id) if line.lead_id else "",
        f"{line.asked_at:%Y-%m-%dT%H:%M:%SZ}" if line.asked_at else "",
        line.school_name or "",
        line.campaign_name or "",
        f"{line.at:%Y-%m-%dT%H:%M:%SZ}",
        decimal(line.amount_minor, currency),
        currency,
        line.note or "",
    ]
