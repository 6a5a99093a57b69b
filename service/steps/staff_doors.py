"""How staff come in: password and code, and the session that begins."""

import ipaddress
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.errors import InvalidInputError, NotFoundError, RateLimitError
from models.domain.ids import Prefix, new_id, show
from models.domain.login_limits import Limit, device_mark, limits, opens_as_device
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.recovery import hash_recovery_code
from models.domain.staff import (
    SESSION_LONGEST,
    Lock,
    NewSession,
    Staff,
    StaffSession,
    hash_token,
)
from service.said import say
from service.services import Services
from service.steps.staff_letters import tell_change
from service.steps.staff_locks import try_lock


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a try comes from; ``mark`` is what a browser kept from an earlier login."""

    address: str
    user_agent: str
    mark: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What somebody types to log in; ``code`` is of the app, or a recovery code."""

    email: str
    password: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """What opens an account, as somebody typed it: a password and a second factor."""

    password: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class Inside:
    """Somebody who came in: the session's token and the browser's mark, both for cookies.

    ``mark`` is empty where another's sign-in let them in: it says nothing of their own password.
    """

    staff: Staff
    token: str
    mark: str


@dataclass(frozen=True, slots=True, repr=False)
class Beginning:
    """What a session begins with: data for its pages, and whose own sign-in opened it."""

    data: dict[str, object]
    organization_id: UUID | None = None


def staff_actor(staff: Staff) -> Actor:
    """Name somebody for the audit; no address and no name goes there."""
    return Actor(ActorKind.STAFF, show(Prefix.STAFF, staff.id))


def log_in(services: Services, typed: Credentials, caller: Caller) -> Inside:
    """Try a password and a code; begin a session when they open the account.

    A try counts before it is made, so that many at once count too. An address that nobody has
    takes the same statements and the same hashing as one that somebody has.

    Raises:
        RateLimitError: when there were too many wrong ones; nothing was tried.
        InvalidInputError: when they do not fit; it never says which.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        door = work.accounts.door(typed.email)
        device = _device(services, door.staff_id if door else None, caller)
        counted = limits(typed.email, caller.address, device)
        refused = count_tries(work, counted, now)
    if refused is not None:
        raise RateLimitError(int(refused.window.total_seconds()))
    proof = Proof(typed.password, typed.code)
    with services.unit_of_work() as work:
        staff_id = door.staff_id if door else None
        opened = check_proof(services, work, staff_id, door.lock if door else None, proof)
        staff = work.staff.get(staff_id) if opened and staff_id is not None else None
        if staff is None:
            raise InvalidInputError({"password": [say("login_wrong")]})
        forgive_tries(work, counted)
        work.organizations.record_audit(
            staff_actor(staff), "staff.login", show(Prefix.STAFF, staff.id), {}, now
        )
        return let_in(services, work, staff, caller)


def count_tries(work: UnitOfWork, counted: Sequence[Limit], now: datetime) -> Limit | None:
    """Count a try in one bucket after the other; return the first that is full."""
    return next((limit for limit in counted if not work.staff.count_try(limit, now)), None)


def forgive_tries(work: UnitOfWork, counted: Sequence[Limit]) -> None:
    """Empty the buckets after a success; an address keeps what others tried from it."""
    for limit in counted:
        if limit.bucket.startswith("address:"):
            work.staff.take_back_try(limit)
        else:
            work.staff.forget_tries(limit)


def check_proof(
    services: Services, work: UnitOfWork, staff_id: UUID | None, lock: Lock | None, proof: Proof
) -> bool:
    """Try what opens an account, and use its code up when all of it fits.

    A code of the app, or a recovery code, opens once: nobody who looked on can use it again. What
    is asked of the database depends on what was typed, never on whose account it is.
    """
    now = services.clock.now()
    tried = try_lock(lock, proof.password, proof.code, now)
    code_hash = hash_recovery_code(proof.code)
    fits = code_hash is not None and work.accounts.recovery_code_opens(staff_id, code_hash)
    if staff_id is None or not tried.right:
        return False
    if tried.step is not None:
        return work.staff.use_code(staff_id, tried.step)
    return (
        fits and code_hash is not None and _use_recovery_code(services, work, staff_id, code_hash)
    )


def _use_recovery_code(
    services: Services, work: UnitOfWork, staff_id: UUID, code_hash: bytes
) -> bool:
    now = services.clock.now()
    staff = work.staff.get(staff_id)
    if staff is None or not work.accounts.use_recovery_code(staff_id, code_hash, now):
        return False
    left = work.accounts.recovery_codes_left(staff_id)
    work.organizations.record_audit(
        staff_actor(staff),
        "staff.recovery_code_used",
        show(Prefix.STAFF, staff_id),
        {"left": left},
        now,
    )
    tell_change(
        services, work, (staff_id, staff.email), f"A recovery code was used. Codes left: {left}."
    )
    return True


def let_in(
    services: Services,
    work: UnitOfWork,
    staff: Staff,
    caller: Caller,
    beginning: Beginning | None = None,
) -> Inside:
    """Begin a session for somebody who showed who they are: a new token, nothing of an old one."""
    now, begins = services.clock.now(), beginning or Beginning({})
    work.staff_sessions.delete_over(now)
    work.accounts.enter(staff.id, now, begins.organization_id)
    token = new_token()
    data = {"from": address_hint(caller.address), "agent": caller.user_agent[:200]} | begins.data
    new = NewSession(
        new_id(now),
        staff.id,
        now,
        now + SESSION_LONGEST,
        json.dumps(data).encode(),
        begins.organization_id,
    )
    work.staff_sessions.begin(hash_token(token).hex(), new)
    mark = _device(services, staff.id, caller)
    if mark is None and begins.organization_id is None:
        mark = device_mark(services.secret_key, staff.id, secrets.token_hex(16))
    return Inside(staff, token, mark or "")


def new_token() -> str:
    """Make the token of a session, 256 bits."""
    return secrets.token_urlsafe(32)


def sessions_seen(services: Services, staff: Staff, by: StaffSession) -> tuple[StaffSession, ...]:
    """List somebody's sessions, newest first, as far as the one they are in may know of them.

    Whoever runs an organization's sign-in can call themselves anybody there: a session that it
    began sees and ends those that it began, and no others.
    """
    with services.unit_of_work() as work:
        found = work.staff_sessions.of(staff.id, services.clock.now())
    return tuple(each for each in found if by.organization_id in {None, each.organization_id})


def log_out(services: Services, staff: Staff, session: StaffSession) -> None:
    """End the session that somebody is in."""
    end_session(services, staff, session.id, by=session, action="staff.logout")


def end_session(
    services: Services,
    staff: Staff,
    session_id: UUID,
    *,
    by: StaffSession,
    action: str = "staff.session_ended",
) -> None:
    """End one of somebody's own sessions, by the one they are in.

    Raises:
        NotFoundError: when they have no such session.
    """
    if session_id not in {each.id for each in sessions_seen(services, staff, by)}:
        raise NotFoundError("there is no such session")
    with services.unit_of_work() as work:
        if not work.staff_sessions.end(staff.id, session_id):
            raise NotFoundError("there is no such session")
        shown = show(Prefix.SESSION, session_id)
        work.organizations.record_audit(staff_actor(staff), action, shown, {}, services.clock.now())


def end_former_session(services: Services, token: str) -> None:
    """End the session that a browser was in, whoever's, as another begins in it."""
    now = services.clock.now()
    with services.unit_of_work() as work:
        former = work.staff_sessions.load(hash_token(token).hex(), now)
        if former is None:
            return
        work.staff_sessions.end(former.staff_id, former.id)
        whose = Actor(ActorKind.STAFF, show(Prefix.STAFF, former.staff_id))
        shown = show(Prefix.SESSION, former.id)
        work.organizations.record_audit(whose, "staff.session_ended", shown, {}, now)


def end_other_sessions(services: Services, staff: Staff, but: StaffSession) -> int:
    """End all of somebody's sessions that the one they are in may end, but it; tell how many."""
    others = [each.id for each in sessions_seen(services, staff, but) if each.id != but.id]
    with services.unit_of_work() as work:
        count = sum(work.staff_sessions.end(staff.id, each) for each in others)
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


def _device(services: Services, staff_id: UUID | None, caller: Caller) -> str | None:
    if staff_id is None or not caller.mark:
        return None
    known = opens_as_device(services.secret_key, staff_id, caller.mark)
    return caller.mark if known else None
