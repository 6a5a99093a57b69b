"""What somebody inside changes of their own account: password, app, recovery codes.

Each asks anew for what opens the account, so that a browser left open is not enough. A change
gives the session another token and tells its owner by mail; a new password or app ends all their
other sessions.
"""

from dataclasses import dataclass
from uuid import UUID

from models.domain.errors import InvalidInputError, RateLimitError
from models.domain.ids import Prefix, show
from models.domain.login_limits import inside_limits
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.staff_doors import Proof, check_proof, count_tries, forgive_tries, staff_actor
from service.steps.staff_letters import tell_change
from service.steps.staff_locks import code_step, hash_password
from service.steps.staff_passwords import check_password
from service.steps.staff_setting_up import renew_codes


@dataclass(frozen=True, slots=True)
class Security:
    """How an account is locked, as its owner sees it."""

    has_password: bool
    codes_left: int


def look_at_security(services: Services, staff: Staff) -> Security:
    """Tell how somebody's account is locked."""
    with services.unit_of_work() as work:
        lock = work.staff.lock_of(staff.id)
        return Security(lock is not None, work.accounts.recovery_codes_left(staff.id))


def change_password(
    services: Services, staff: Staff, session_id: UUID, proof: Proof, new: str
) -> None:
    """Set a new password, by the old one and a second factor; end all other sessions.

    Raises:
        RateLimitError: when too many wrong proofs were tried.
        InvalidInputError: when the proof does not fit, or the new password cannot be used.
    """
    check_password(new, staff, "new_password")
    _count(services, staff)
    with services.unit_of_work() as work:
        _prove(services, work, staff, proof)
        work.accounts.set_password(staff.id, hash_password(new))
        _changed(services, work, staff, session_id, "staff.password_changed")
        tell_change(services, work, (staff.id, staff.email), "Your password was changed.")


def change_app(
    services: Services, staff: Staff, session_id: UUID, proof: Proof, new: tuple[str, str]
) -> None:
    """Set a new secret of one-time codes; end all other sessions.

    Args:
        services: the outside.
        staff: whose.
        session_id: the session they are in, which goes on.
        proof: the password, and a code of the old app or a recovery code.
        new: the new secret that was shown, and a code that proves it is in an app.

    Raises:
        RateLimitError: when too many wrong proofs were tried.
        InvalidInputError: when the proof does not fit, or the new code does not.
    """
    secret, code = new
    step = code_step(secret, code, services.clock.now())
    if step is None:
        raise InvalidInputError({"new_code": [say("code_wrong")]})
    _count(services, staff)
    with services.unit_of_work() as work:
        _prove(services, work, staff, proof)
        work.accounts.set_codes_secret(staff.id, secret)
        work.staff.use_code(staff.id, step)
        _changed(services, work, staff, session_id, "staff.app_changed")
        tell_change(services, work, (staff.id, staff.email), "Your authenticator app was changed.")


def replace_recovery_codes(services: Services, staff: Staff, proof: Proof) -> tuple[str, ...]:
    """Make ten new recovery codes in place of those that are left.

    Raises:
        RateLimitError: when too many wrong proofs were tried.
        InvalidInputError: when the proof does not fit.
    """
    _count(services, staff)
    with services.unit_of_work() as work:
        _prove(services, work, staff, proof)
        codes = renew_codes(services, work, staff)
        tell_change(services, work, (staff.id, staff.email), "New recovery codes were made.")
    return codes


def _count(services: Services, staff: Staff) -> None:
    """Count a try in a transaction of its own: it counts whatever becomes of it."""
    with services.unit_of_work() as work:
        refused = count_tries(work, inside_limits(staff.id), services.clock.now())
    if refused is not None:
        raise RateLimitError(int(refused.window.total_seconds()))


def _prove(services: Services, work: UnitOfWork, staff: Staff, proof: Proof) -> None:
    lock = work.staff.lock_of(staff.id)
    if not check_proof(services, work, staff.id, lock, proof):
        raise InvalidInputError({"password": [say("proof_wrong")]})
    forgive_tries(work, inside_limits(staff.id))


def _changed(
    services: Services, work: UnitOfWork, staff: Staff, session_id: UUID, action: str
) -> None:
    ended = work.staff_sessions.end_all(staff.id, but=session_id)
    work.organizations.record_audit(
        staff_actor(staff),
        action,
        show(Prefix.STAFF, staff.id),
        {"sessions": ended},
        services.clock.now(),
    )
