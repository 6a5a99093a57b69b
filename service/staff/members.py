"""An organization's people: the same page for its admins, in its rooms, and for the operator."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix
from models.domain.staff import Role
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, done, refused, room, wrong
from service.steps import staff_members
from service.web.pages import services
from service.web.problems import Problems

_LONGEST = 400


class Room(NamedTuple):
    """Where the page stands: in which template, whose people, and the addresses of its actions."""

    template: str
    organization_id: UUID
    address: Callable[..., str]

    def url(self, action: str, **values: str) -> str:
        """The address of an action of this page."""
        return self.address(action, **values)


def in_school() -> Room:
    """The page in an organization's own rooms."""
    return Room(
        "school/members.html",
        membership().organization_id,
        lambda action, **values: url_for(f"school.{action}", **values),
    )


def in_operator(owner: str) -> Room:
    """The page in the operator's room.

    Args:
        owner: the organization, as its id is shown.
    """
    found = identifier(Prefix.ORGANIZATION, owner)
    return Room(
        "operator/members.html",
        found,
        lambda action, **values: url_for(f"operator.{action}", owner=owner, **values),
    )


def draw(here: Room, problems: Problems | None = None, status: int = 200) -> Response:
    """Show the people, and the form that invites one more."""
    values = {"email": request.form.get("email", "")[:_LONGEST]}
    return room(
        here.template,
        status,
        whose=here,
        people=staff_members.list_members(services(), here.organization_id),
        problems=(problems or Problems()).in_order(("email", "role")),
        values=values,
        role=request.form.get("role", Role.MEMBER.value),
        roles=[each.value for each in Role],
    )


def invite(here: Room) -> Response | Redirect:
    """Invite somebody by mail."""
    email, role = request.form.get("email", "")[:_LONGEST], request.form.get("role", "")
    try:
        staff_members.invite_member(services(), insider().staff, here.organization_id, email, role)
    except InvalidInputError as error:
        return draw(here, wrong(error), 422)
    except ConflictError:
        # Somebody else added the same address in this moment.
        return refused(None, here.url("members"))
    return done("staff.members.invited", here.url("members"))


def change_role(here: Room, staff_id: str) -> Redirect:
    """Give a member another role."""
    role = request.form.get("role", "")
    return _act(
        here,
        staff_id,
        lambda who: staff_members.change_role(
            services(), insider().staff, here.organization_id, who, role
        ),
        "staff.members.changed",
    )


def remove(here: Room, staff_id: str) -> Redirect:
    """Take a member out."""
    return _act(
        here,
        staff_id,
        lambda who: staff_members.remove_member(
            services(), insider().staff, here.organization_id, who
        ),
        "staff.members.removed",
    )


def invite_again(here: Room, staff_id: str) -> Redirect:
    """Mail a member a link that sets their account up anew."""
    return _act(
        here,
        staff_id,
        lambda who: staff_members.invite_member_again(
            services(), insider().staff, here.organization_id, who
        ),
        "staff.members.invited",
    )


def _act(here: Room, staff_id: str, action: Callable[[UUID], None], notice: str) -> Redirect:
    found = identifier(Prefix.STAFF, staff_id)
    return act(lambda: action(found), notice, here.url("members"))
