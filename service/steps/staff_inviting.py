"""Adding staff: from the command line, with a link that is shown once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Invitation, Role, Staff, StaffStatus, make_invitation
from service.said import say


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Somebody to be added: an operator, or a member or admin of an organization."""

    email: str
    name: str
    organization_id: UUID | None = None
    role: Role | None = None
    is_operator: bool = False


def add_staff(
    work: UnitOfWork, new: NewStaff, by: Actor, now: datetime
) -> tuple[Staff, Invitation]:
    """Add somebody and invite them.

    Raises:
        InvalidInputError: when the address cannot be one.
        ConflictError: when somebody has it.
    """
    made = work.staff.add(check_address(new.email), new.name, is_operator=new.is_operator, now=now)
    detail: dict[str, object] = {"operator": new.is_operator}
    if new.organization_id is not None and new.role is not None:
        work.staff.join(made.id, new.organization_id, new.role, now)
        shown = show(Prefix.ORGANIZATION, new.organization_id)
        detail |= {"organization": shown, "role": new.role.value}
    work.organizations.record_audit(by, "staff.add", show(Prefix.STAFF, made.id), detail, now)
    invitation = make_invitation(now)
    work.staff.invite(made.id, invitation, now)
    return made, invitation


def join_organization(
    work: UnitOfWork, staff: Staff, role: tuple[UUID, Role], by: Actor, now: datetime
) -> None:
    """Give somebody who is on the staff a role in an organization too."""
    organization_id, wanted = role
    work.staff.join(staff.id, organization_id, wanted, now)
    detail = {"organization": show(Prefix.ORGANIZATION, organization_id), "role": wanted.value}
    work.organizations.record_audit(by, "staff.join", show(Prefix.STAFF, staff.id), detail, now)


def invite_again(work: UnitOfWork, staff: Staff, by: Actor, now: datetime) -> Invitation:
    """Invite somebody again: what opened their account holds until they use it."""
    if staff.status is StaffStatus.DISABLED:
        work.staff.set_status(staff.id, StaffStatus.INVITED)
    invitation = make_invitation(now)
    work.staff.invite(staff.id, invitation, now)
    work.organizations.record_audit(by, "staff.invite", show(Prefix.STAFF, staff.id), {}, now)
    return invitation


def disable(work: UnitOfWork, staff: Staff, by: Actor, now: datetime) -> int:
    """Keep somebody out from now on; tell how many sessions of theirs ended."""
    work.staff.set_status(staff.id, StaffStatus.DISABLED)
    ended = work.staff_sessions.end_all(staff.id)
    shown = show(Prefix.STAFF, staff.id)
    work.organizations.record_audit(by, "staff.disable", shown, {"sessions": ended}, now)
    return ended


def require_staff(work: UnitOfWork, email: str) -> Staff:
    """Find somebody by their address.

    Raises:
        NotFoundError: when nobody has it.
    """
    found = work.staff.with_email(email)
    if found is None:
        raise NotFoundError(f"nobody on the staff has the address {email}")
    return found


def check_address(typed: str) -> str:
    """Read an e-mail address, in the form that is kept.

    Raises:
        InvalidInputError: when it cannot be one.
    """
    try:
        # Addresses of demonstrations end in .example: nothing is looked up here.
        return validate_email(typed.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidInputError({"email": [say("email_format")]}) from error
