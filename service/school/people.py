"""Who works for an organization, as its admins see and change it."""

from flask import Response
from werkzeug.wrappers import Response as Redirect

from service.staff import members as page


def members() -> Response:
    """Show who works here."""
    return page.draw(page.in_school())


def invite() -> Response | Redirect:
    """Invite somebody."""
    return page.invite(page.in_school())


def role(staff_id: str) -> Redirect:
    """Give somebody another role."""
    return page.change_role(page.in_school(), staff_id)


def again(staff_id: str) -> Redirect:
    """Invite somebody again who lost their way in."""
    return page.invite_again(page.in_school(), staff_id)


def remove(staff_id: str) -> Redirect:
    """Take somebody out."""
    return page.remove(page.in_school(), staff_id)
