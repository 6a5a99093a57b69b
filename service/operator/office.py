"""The operator's office: what is wrong now, organizations, and what campaigns returned."""

from flask import Response, request

from models.domain.errors import InvalidInputError
from models.domain.office import AlarmKind
from service.said import say
from service.staff.guard import insider
from service.staff.pages import room, wrong
from service.steps import staff_office
from service.web.pages import services
from service.web.problems import Problems, speak

_LONGEST = 200
# Where an operator goes to mend it.
_DOORS = {
    AlarmKind.DESTINATIONS: "operator.organizations",
    AlarmKind.DELIVERIES: "operator.deliveries",
    AlarmKind.OVERDUE: "operator.deliveries",
    AlarmKind.UNSEALED: "operator.audit",
    AlarmKind.REFUSALS: "operator.money",
    AlarmKind.CAPS: "operator.money",
    AlarmKind.APPROVALS: "operator.approvals",
}


def alarms() -> Response:
    """Show what should be seen before anybody complains."""
    return room("operator/alarms.html", alarms=staff_office.alarms(services()), doors=_DOORS)


def organizations() -> Response:
    """Show organizations and how they do."""
    return _draw(Problems(), 200)


def add_organization() -> Response:
    """Add an organization and show the link of its first admin, once."""
    name, email = (request.form.get(key, "").strip()[:_LONGEST] for key in ("name", "email"))
    if not name:
        return _draw(Problems(name=speak(say("empty"))), 422)
    try:
        link = staff_office.add_organization(services(), insider().staff, name, email)
    except InvalidInputError as error:
        return _draw(wrong(error), 422)
    return _draw(Problems(), 200, link=link)


def returns() -> Response:
    """Show what campaigns returned lately."""
    return room("operator/returns.html", returns=staff_office.returns(services()))


def _draw(problems: Problems, status: int, link: str = "") -> Response:
    return room(
        "operator/organizations.html",
        status,
        organizations=staff_office.organizations(services()),
        problems=problems,
        values=request.form if problems else {},
        link=link,
    )
