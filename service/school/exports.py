"""Export: a link to a table of leads, that opens once."""

from collections.abc import Iterable, Mapping

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.lead_export import EXPORT_HOLDS
from models.domain.lead_search import LeadFilter
from service.school.lead_filters import list_address, read_filters
from service.staff.guard import insider, membership
from service.staff.pages import first, refused, room
from service.steps import staff_exports
from service.web.pages import services, t


def prepare() -> Response | Redirect:
    """Prepare a table of the leads that the filters leave."""
    typed = read_filters(request.form)
    address = list_address(typed.values)
    if typed.problems:
        return refused(t("school.filters.unknown"), address)
    organization = membership().organization_id
    asked = (typed.values, typed.wanted)
    try:
        found = staff_exports.prepare(services(), insider().staff, organization, asked)
    except InvalidInputError as error:
        return refused(first(error), address)
    return room(
        "school/export.html",
        rows=found.rows,
        link=url_for("school.export", export_token=found.export.token),
        minutes=EXPORT_HOLDS.seconds // 60,
        back=address,
    )


def export(export_token: str) -> Response | Redirect:
    """Give the table, once; a look at its headers, as download managers take first, is not it."""
    organization, staff = membership().organization_id, insider().staff
    if request.method == "HEAD":
        return _table(())
    try:
        pieces = staff_exports.take(services(), staff, organization, export_token, _wanted)
    except NotFoundError as error:
        raise NotFound from error
    except InvalidInputError as error:
        return refused(first(error), url_for("school.leads"))
    return _table(pieces)


def _table(pieces: Iterable[bytes]) -> Response:
    response = Response(pieces, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="leads.csv"'
    return response


def _wanted(values: Mapping[str, str]) -> LeadFilter:
    return read_filters(values).wanted
