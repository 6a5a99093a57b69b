"""How staff come in: invitation, login, and the session that begins with either."""

import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.errors import InvalidInputError, NotFoundError, RateLimitError
from models.domain.ids import Prefix, new_id, show
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import (
    SESSION_LONGEST,
    Limit,
    Lock,
    NewSession,
    Staff,
    StaffStatus,
    device_mark,
    hash_token,
    limits,
    opens_as_device,
)
from service.said import say
from service.services import Services
from service.steps.staff_locks import check_password_rules, code_step, hash_password, opens


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a try comes from; ``mark`` is what a browser kept from an earlier login."""

    address: str
    user_agent: str
    mark: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What somebody types to log in."""

    email: str
    password: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class Inside:
    """Somebody who came in: the session's token and the browser's mark, both for cookies."""

    staff: Staff
    token: str
    mark: str


def staff_actor(staff: Staff) -> Actor:
    """Name somebody for the audit; no address and no name goes there."""
    return Actor(ActorKind.STAFF, show(Prefix.STAFF, staff.id))


def log_in(services: Services, typed: Credentials, caller: Caller) -> Inside:
    """Try a password and a code; begin a session when they open the account.

    A try counts before it is made, so that many at once count too. The code is used up by the
    login: nobody who looked on can use it again.

    Raises:
        RateLimitError: when there were too many wrong ones; nothing was tried.
        InvalidInputError: when they do not fit; it never says which.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        staff = work.staff.with_email(typed.email)
        active = staff is not None and staff.status is StaffStatus.ACTIVE
        lock = work.staff.lock_of(staff.id) if staff is not None and active else None
        counted = limits(typed.email, caller.address, _device(services, staff, caller))
        admitted = [work.staff.count_try(limit, now) for limit in counted]
    if not all(admitted):
        raise RateLimitError(int(counted[0].window.total_seconds()))
    step = opens(lock, typed.password, typed.code, now)
    with services.unit_of_work() as work:
        if staff is None or step is None or not work.staff.use_code(staff.id, step):
            raise InvalidInputError({"password": [say("login_wrong")]})
        _forgive(work, counted)
        work.organizations.record_audit(
            staff_actor(staff), "staff.login", show(Prefix.STAFF, staff.id), {}, now
        )
        return _let_in(services, work, staff, caller)


def invited(services: Services, token: str) -> Staff:
    """Find whom an invitation is for.

    Raises:
        NotFoundError: when it is unknown, used or over.
    """
    with services.unit_of_work() as work:
        found = work.staff.invited(hash_token(token), services.clock.now())
    if found is None:
        raise NotFoundError("this invitation is unknown, used or over")
    return found


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
    staff, now = invited(services, token), services.clock.now()
    check_password_rules(wanted.password_hash, staff.email)
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
        return _let_in(services, work, staff, caller)


def log_out(services: Services, staff: Staff, session_id: UUID) -> None:
    """End the session that somebody is in."""
    end_session(services, staff, session_id, action="staff.logout")


def end_session(
    services: Services, staff: Staff, session_id: UUID, *, action: str = "staff.session_ended"
) -> None:
    """End one of somebody's own sessions.

    Raises:
        NotFoundError: when they have no such session.
    """
    with services.unit_of_work() as work:
        if not work.staff_sessions.end(staff.id, session_id):
            raise NotFoundError("there is no such session")
        shown = show(Prefix.SESSION, session_id)
        work.organizations.record_audit(staff_actor(staff), action, shown, {}, services.clock.now())


def end_other_sessions(services: Services, staff: Staff, but: UUID) -> int:
    """End all of somebody's sessions but the one they are in; tell how many."""
    with services.unit_of_work() as work:
        count = work.staff_sessions.end_all(staff.id, but=but)
        work.organizations.record_audit(
            staff_actor(staff),
            "staff.sessions_ended",
            show(Prefix.STAFF, staff.id),
            {"sessions": count},
            services.clock.now(),
        )
    return count


def address_hint(address: str) -> str:
    """Shorten an address to its network: enough to tell sessions apart, not to find a person."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    length = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{length}", strict=False))


def _device(services: Services, staff: Staff | None, caller: Caller) -> str | None:
    if staff is None or not caller.mark:
        return None
    known = opens_as_device(services.secret_key, staff.id, caller.mark)
    return caller.mark if known else None


def _forgive(work: UnitOfWork, counted: tuple[Limit, ...]) -> None:
    """Empty the buckets of the account; the address keeps what others tried from it."""
    for limit in counted:
        if limit.bucket.startswith("address:"):
            work.staff.take_back_try(limit)
        else:
            work.staff.forget_tries(limit)


def _let_in(services: Services, work: UnitOfWork, staff: Staff, caller: Caller) -> Inside:
    now = services.clock.now()
    work.staff_sessions.delete_over(now)
    token = secrets.token_urlsafe(32)
    work.staff_sessions.begin(hash_token(token).hex(), _new_session(staff, caller, now))
    mark = _device(services, staff, caller)
    if mark is None:
        mark = device_mark(services.secret_key, staff.id, secrets.token_hex(16))
    return Inside(staff, token, mark)


def _new_session(staff: Staff, caller: Caller, now: datetime) -> NewSession:
    data = {"from": address_hint(caller.address), "agent": caller.user_agent[:200]}
    return NewSession(new_id(now), staff.id, now, now + SESSION_LONGEST, json.dumps(data).encode())
