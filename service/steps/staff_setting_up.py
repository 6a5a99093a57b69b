"""What a mailed link sets: an account by an invitation, or a new password by a way back."""

from dataclasses import dataclass

from models.domain.errors import InvalidInputError, NotFoundError, RateLimitError
from models.domain.ids import Prefix, show
from models.domain.login_limits import asking_limits, link_limits
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.recovery import hash_recovery_code, make_recovery_codes
from models.domain.staff import Lock, Opens, Staff, hash_token
from service.said import say
from service.services import Services
from service.steps.staff_doors import (
    Beginning,
    Caller,
    Inside,
    Proof,
    check_proof,
    count_tries,
    let_in,
    staff_actor,
)
from service.steps.staff_letters import tell_change
from service.steps.staff_locks import code_step, hash_password
from service.steps.staff_passwords import check_password


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still opens something: for whom, and what."""

    staff: Staff
    opens: Opens


def look_at_link(services: Services, token: str) -> Link:
    """Find whom a link is for, and what it sets.

    Raises:
        NotFoundError: when it is unknown, used or over.
    """
    now, hashed = services.clock.now(), hash_token(token)
    with services.unit_of_work() as work:
        staff = work.staff.invited(hashed, now)
        link = work.accounts.opened_by(hashed, now)
    if staff is None or link is None:
        raise NotFoundError("this invitation is unknown, used or over")
    return Link(staff, link.opens)


def accept_invitation(
    services: Services, token: str, wanted: Lock, code: str, caller: Caller
) -> Inside:
    """Set password and codes by an invitation, end what sessions there were, and come in.

    Args:
        services: the outside.
        token: of the invitation.
        wanted: the password as typed, not hashed yet, and the secret that was shown.
        code: proves that the secret is in an app.
        caller: where it comes from.

    Raises:
        NotFoundError: when the invitation is unknown, used or over.
        InvalidInputError: when password or code cannot be used.
    """
    staff, now = _for(services, token, Opens.ACCOUNT), services.clock.now()
    check_password(wanted.password_hash, staff)
    step = code_step(wanted.totp_secret, code, now)
    if step is None:
        raise InvalidInputError({"code": [say("code_wrong")]})
    lock = Lock(hash_password(wanted.password_hash), wanted.totp_secret)
    with services.unit_of_work() as work:
        if not work.staff.accept_invitation(hash_token(token), now):
            raise NotFoundError("this invitation is unknown, used or over")
        work.staff.set_lock(staff.id, lock)
        work.staff.use_code(staff.id, step)
        work.staff_sessions.end_all(staff.id)
        work.organizations.record_audit(
            staff_actor(staff), "staff.invitation_accepted", show(Prefix.STAFF, staff.id), {}, now
        )
        codes = renew_codes(services, work, staff)
        tell_change(services, work, (staff.id, staff.email), "Your account was set up.")
        return let_in(services, work, staff, caller, Beginning({"recovery_codes": list(codes)}))


def ask_way_back(services: Services, email: str, caller: Caller) -> None:
    """Note that somebody forgot a password; a worker mails a link to who has an account.

    The same is done for every address, so that nobody learns which there are.

    Raises:
        RateLimitError: when that was asked too often.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        refused = count_tries(work, asking_limits(email, caller.address), now)
        if refused is None:
            work.accounts.ask_way_back(email, now)
    if refused is not None:
        raise RateLimitError(int(refused.window.total_seconds()))


def take_way_back(services: Services, token: str, proof: Proof, caller: Caller) -> Inside:
    """Set a new password by a mailed link and a second factor, end all sessions, and come in.

    Args:
        services: the outside.
        token: of the link.
        proof: the new password, and a code of the app or a recovery code.
        caller: where it comes from.

    Raises:
        NotFoundError: when the link is unknown, used or over.
        RateLimitError: when too many wrong codes were tried with it.
        InvalidInputError: when password or code cannot be used.
    """
    staff, now = _for(services, token, Opens.PASSWORD), services.clock.now()
    check_password(proof.password, staff)
    hashed, new_hash = hash_token(token), hash_password(proof.password)
    with services.unit_of_work() as work:
        refused = count_tries(work, link_limits(hashed, staff.id), now)
    if refused is not None:
        raise RateLimitError(int(refused.window.total_seconds()))
    with services.unit_of_work() as work:
        kept = work.staff.lock_of(staff.id)
        # The link stands in for the old password; the second factor is asked for as ever.
        lock = Lock(new_hash, kept.totp_secret) if kept else None
        if not check_proof(services, work, staff.id, lock, proof):
            raise InvalidInputError({"code": [say("second_factor_wrong")]})
        if not work.staff.accept_invitation(hashed, now):
            raise NotFoundError("this invitation is unknown, used or over")
        work.accounts.set_password(staff.id, new_hash)
        work.staff_sessions.end_all(staff.id)
        work.organizations.record_audit(
            staff_actor(staff), "staff.password_reset", show(Prefix.STAFF, staff.id), {}, now
        )
        tell_change(services, work, (staff.id, staff.email), "A new password was chosen.")
        return let_in(services, work, staff, caller)


def renew_codes(services: Services, work: UnitOfWork, staff: Staff) -> tuple[str, ...]:
    """Make new recovery codes, keep their hashes, and return them: the one time they are seen."""
    codes = make_recovery_codes(services.randomness)
    hashes = [hashed for code in codes if (hashed := hash_recovery_code(code)) is not None]
    now = services.clock.now()
    work.accounts.renew_recovery_codes(staff.id, hashes, now)
    shown = show(Prefix.STAFF, staff.id)
    work.organizations.record_audit(staff_actor(staff), "staff.recovery_codes", shown, {}, now)
    return codes


def _for(services: Services, token: str, opens: Opens) -> Staff:
    link = look_at_link(services, token)
    if link.opens is not opens:
        raise NotFoundError("this link sets something else")
    return link.staff
