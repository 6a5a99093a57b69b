"""An organization's people, as an admin or the operator invites, changes and takes them out.

An organization sees of a person what they are to it, and nothing of what they are elsewhere:
whether an address had an account before is told to nobody but its owner, by mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.message import StaffTemplate
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Member, Role, Staff, StaffStatus, make_invitation
from service.said import say
from service.services import Services
from service.steps.staff_doors import staff_actor
from service.steps.staff_inviting import NewStaff, add_staff, check_address, join_organization
from service.steps.staff_letters import tell_change, write_letter


@dataclass(frozen=True, slots=True)
class People:
    """An organization and its people."""

    organization_id: UUID
    organization_name: str
    members: Sequence[Member]


def list_members(services: Services, organization_id: UUID) -> People:
    """List an organization's people.

    Raises:
        NotFoundError: when there is no such organization.
    """
    with services.unit_of_work() as work:
        return _people(work, organization_id)


def invite_member(
    services: Services, by: Staff, organization_id: UUID, email: str, role: str
) -> None:
    """Give somebody a role, and mail them: a link that sets an account up, or where to log in.

    Raises:
        InvalidInputError: when address or role cannot be used.
        NotFoundError: when there is no such organization.
    """
    wanted, address = _role(role), check_address(email)
    now = services.clock.now()
    with services.unit_of_work() as work:
        people = _people(work, organization_id)
        known = work.staff.with_email(address)
        if known is None:
            new = NewStaff(address, address, organization_id, wanted)
            made, invitation = add_staff(work, new, staff_actor(by), now)
            _mail_link(services, work, made, invitation.token, people.organization_name)
            return
        if work.accounts.role_of(known.id, organization_id) is not None:
            raise InvalidInputError({"email": [say("member_already")]})
        join_organization(work, known, (organization_id, wanted), staff_actor(by), now)
        # Whom another organization signs in alone has nothing of ours that opens an account.
        if known.status is StaffStatus.ACTIVE and work.staff.lock_of(known.id) is not None:
            places = {
                "room": people.organization_name,
                "link": f"{services.public_url}/staff/login",
            }
            write_letter(services, work, (known.id, known.email), StaffTemplate.JOINED, places)
        elif known.status is not StaffStatus.DISABLED:
            invitation = make_invitation(now, services.randomness)
            work.staff.invite(known.id, invitation, now)
            _mail_link(services, work, known, invitation.token, people.organization_name)


def change_role(
    services: Services, by: Staff, organization_id: UUID, staff_id: UUID, role: str
) -> None:
    """Give a member another role; their sessions here end, so that a new one begins with it.

    Raises:
        InvalidInputError: when the role is unknown.
        NotFoundError: when they are no member.
        ConflictError: when no admin would be left.
    """
    wanted, now = _role(role), services.clock.now()
    with services.unit_of_work() as work:
        people = _people(work, organization_id)
        member = _member(people, staff_id)
        if member.role is wanted:
            return
        _keep_an_admin(people, member)
        join = (organization_id, wanted)
        found = _staff(work, staff_id)
        join_organization(work, found, join, staff_actor(by), now)
        _end_sessions(work, organization_id, found)
        change = f"You are {wanted.value} of {people.organization_name} now."
        tell_change(services, work, (staff_id, member.email), change)


def remove_member(services: Services, by: Staff, organization_id: UUID, staff_id: UUID) -> None:
    """Take somebody out of an organization; they are out at once.

    Raises:
        NotFoundError: when they are no member.
        ConflictError: when no admin would be left.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        people = _people(work, organization_id)
        member = _member(people, staff_id)
        _keep_an_admin(people, member)
        ended = _end_sessions(work, organization_id, _staff(work, staff_id))
        work.staff.leave(staff_id, organization_id)
        detail = {
            "organization": show(Prefix.ORGANIZATION, organization_id),
            "sessions": ended,
        }
        work.organizations.record_audit(
            staff_actor(by), "staff.leave", show(Prefix.STAFF, staff_id), detail, now
        )
        change = f"You do not work for {people.organization_name} any more."
        tell_change(services, work, (staff_id, member.email), change)


def invite_member_again(
    services: Services, by: Staff, organization_id: UUID, staff_id: UUID
) -> None:
    """Mail a member a link that sets password and app anew: the way back of who lost both.

    What opens the account holds until they use it. An admin does it for who works for their
    organization alone; for anybody else the operator does.

    Raises:
        NotFoundError: when they are no member.
        ConflictError: when they work elsewhere too, or cannot log in any more.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        people = _people(work, organization_id)
        found = _staff(work, _member(people, staff_id).staff_id)
        elsewhere = len(found.memberships) > 1 or found.is_operator
        if not by.is_operator and (elsewhere or found.status is StaffStatus.DISABLED):
            raise ConflictError(say("member_elsewhere"))
        if found.status is StaffStatus.DISABLED:
            work.staff.set_status(staff_id, StaffStatus.INVITED)
        invitation = make_invitation(now, services.randomness)
        work.staff.invite(staff_id, invitation, now)
        work.organizations.record_audit(
            staff_actor(by), "staff.invite", show(Prefix.STAFF, staff_id), {}, now
        )
        new = found.status is StaffStatus.INVITED
        template = StaffTemplate.INVITED if new else StaffTemplate.INVITED_AGAIN
        _mail_link(services, work, found, invitation.token, people.organization_name, template)


def _people(work: UnitOfWork, organization_id: UUID) -> People:
    organization = work.organizations.get(organization_id)
    if organization is None:
        raise NotFoundError("there is no such organization")
    return People(organization_id, organization.name, work.accounts.members(organization_id))


def _member(people: People, staff_id: UUID) -> Member:
    found = next((each for each in people.members if each.staff_id == staff_id), None)
    if found is None:
        raise NotFoundError("there is no such member")
    return found


def _staff(work: UnitOfWork, staff_id: UUID) -> Staff:
    found = work.staff.get(staff_id)
    if found is None:
        raise NotFoundError("there is no such member")
    return found


def _end_sessions(work: UnitOfWork, organization_id: UUID, whose: Staff) -> int:
    """End what sessions an organization may end of somebody; tell how many.

    What they may do is read anew with every page. Who is on the staff elsewhere too goes on there:
    else anybody's admin could invite them and put them out, again and again.
    """
    elsewhere = whose.is_operator or len(whose.memberships) > 1
    if elsewhere:
        return work.staff_sessions.end_begun_by(organization_id, whose.id)
    return work.staff_sessions.end_all(whose.id)


def _keep_an_admin(people: People, leaving: Member) -> None:
    """The list is locked: of two admins who take each other out, one finds the other gone."""
    others = [each for each in people.members if each.staff_id != leaving.staff_id]
    if leaving.role is Role.ADMIN and not any(each.role is Role.ADMIN for each in others):
        raise ConflictError(say("member_last"))


def _role(typed: str) -> Role:
    try:
        return Role(typed)
    except ValueError as error:
        raise InvalidInputError({"role": [say("role_unknown")]}) from error


def _mail_link(  # noqa: PLR0913, PLR0917 - what a letter is made of
    services: Services,
    work: UnitOfWork,
    to: Staff,
    token: str,
    room: str,
    template: StaffTemplate = StaffTemplate.INVITED,
) -> None:
    places = {"room": room, "link": f"{services.public_url}/staff/invitation/{token}"}
    write_letter(services, work, (to.id, to.email), template, places)
