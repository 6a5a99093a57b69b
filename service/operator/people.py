"""Who works for which organization, as the operator sees and changes it."""

from flask import Response
from werkzeug.wrappers import Response as Redirect

from service.staff import members as page
from service.staff.pages import room
from service.web.pages import services


def people() -> Response:
    """Show the organizations."""
    with services().unit_of_work() as work:
        found = work.organizations.all()
    return room("operator/people.html", organizations=found)


def members(owner: str) -> Response:
    """Show who works for one of them."""
    return page.draw(page.in_operator(owner))


def invite(owner: str) -> Response | Redirect:
    """Invite somebody for it."""
    return page.invite(page.in_operator(owner))


def role(owner: str, staff_id: str) -> Redirect:
    """Give somebody another role there."""
    return page.change_role(page.in_operator(owner), staff_id)


def again(owner: str, staff_id: str) -> Redirect:
    """Invite somebody again who lost their way in."""
    return page.invite_again(page.in_operator(owner), staff_id)


def remove(owner: str, staff_id: str) -> Redirect:
    """Take somebody out."""
    return page.remove(page.in_operator(owner), staff_id)
