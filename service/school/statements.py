"""Statements: what is owed for each month, to be read, printed and opened in a spreadsheet."""

from flask import Response, make_response
from werkzeug.exceptions import NotFound

from models.domain.campaign_changes import money
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.statement import Statement
from service.staff.guard import membership
from service.staff.pages import room
from service.steps import staff_money
from service.web.pages import services


def statements() -> Response:
    """Show months and how far campaigns are."""
    found = staff_money.owed(services(), membership().organization_id)
    return room("school/statements.html", months=found.months, uses=found.campaigns, money=money)


def statement(month: str) -> Response:
    """Show a month, line by line."""
    return room("school/statement.html", month=month, statements=_found(month), money=money)


def statement_table(month: str) -> Response:
    """Give a month as a table (CSV)."""
    response = make_response(staff_money.table(_found(month)))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="statement-{month}.csv"'
    return response


def _found(month: str) -> tuple[Statement, ...]:
    try:
        return staff_money.statement(services(), membership().organization_id, month)
    except (InvalidInputError, NotFoundError) as error:
        raise NotFound from error
