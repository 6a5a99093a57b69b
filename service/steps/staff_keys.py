"""An organization's API keys in its own rooms: made, shown once, revoked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.organization import KeptApiKey, Scope, make_api_key
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.staff_doors import staff_actor

# Days that a new key may hold; a key without an end is one that nobody remembers.
LIFETIMES = (30, 90, 365)
# Days that a key which was replaced may hold on, until all systems have the new one.
OVERLAPS = (0, 1, 7, 30)
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """What a key shall be called, may do, and for how many days."""

    name: str
    scopes: Collection[str]
    days: str


def list_keys(services: Services, organization_id: UUID) -> tuple[KeptApiKey, ...]:
    """List an organization's keys, newest first, without their secrets."""
    with services.unit_of_work() as work:
        return work.organizations.api_keys(organization_id)


def create_key(services: Services, staff: Staff, organization_id: UUID, wanted: KeyWanted) -> str:
    """Make a key and return it as it is presented: the one time that it is seen.

    Raises:
        InvalidInputError: when name, scopes or days cannot be used.
    """
    name, scopes, days = _check(wanted)
    now = services.clock.now()
    key = make_api_key(
        name, scopes, expires_at=now + timedelta(days=days), randomness=services.randomness
    )
    with services.unit_of_work() as work:
        key_id = work.organizations.add_api_key(organization_id, key, now)
        detail = {"scopes": sorted(scopes), "days": days}
        work.organizations.record_audit(
            staff_actor(staff), "api_key.create", show(Prefix.API_KEY, key_id), detail, now
        )
    return key.presented


def replace_key(
    services: Services, staff: Staff, organization_id: UUID, key_id: UUID, overlap: str
) -> str:
    """Make a key of the same name and scopes for as long again; the old one ends after a while.

    Args:
        services: the outside.
        staff: who does it.
        organization_id: whose key it is.
        key_id: the key to replace.
        overlap: days that the old one holds on, as typed.

    Raises:
        InvalidInputError: when the days cannot be used.
        NotFoundError: when it is not this organization's, or has ended.
    """
    days = {str(each): each for each in OVERLAPS}.get(overlap)
    if days is None:
        raise InvalidInputError({"overlap": [say("overlap_unknown")]})
    now = services.clock.now()
    with services.unit_of_work() as work:
        old = next(
            (k for k in work.organizations.api_keys(organization_id) if k.id == key_id), None
        )
        if old is None or not old.opens_at(now):
            raise NotFoundError("there is no such key")
        held = (
            (old.expires_at - old.created_at) if old.expires_at else timedelta(days=LIFETIMES[-1])
        )
        new = make_api_key(
            old.name, old.scopes, expires_at=now + held, randomness=services.randomness
        )
        new_id = work.organizations.add_api_key(organization_id, new, now)
        work.organizations.end_api_key(old.id, now + timedelta(days=days))
        detail = {"replaces": show(Prefix.API_KEY, old.id), "days": days}
        work.organizations.record_audit(
            staff_actor(staff), "api_key.replace", show(Prefix.API_KEY, new_id), detail, now
        )
    return new.presented


def revoke_key(services: Services, staff: Staff, organization_id: UUID, key_id: UUID) -> None:
    """End a key at once.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        if key_id not in {key.id for key in work.organizations.api_keys(organization_id)}:
            raise NotFoundError("there is no such key")
        work.organizations.revoke_api_key(key_id, now)
        work.organizations.record_audit(
            staff_actor(staff), "api_key.revoke", show(Prefix.API_KEY, key_id), {}, now
        )


def _check(wanted: KeyWanted) -> tuple[str, frozenset[Scope], int]:
    problems = {}
    name = wanted.name.strip()
    if not name:
        problems["name"] = [say("empty")]
    elif len(name) > _LONGEST_NAME or not name.isprintable():
        problems["name"] = [say("too_long", most=_LONGEST_NAME)]
    known = {scope.value: scope for scope in Scope}
    scopes = frozenset(known[each] for each in wanted.scopes if each in known)
    if not scopes or len(scopes) != len(set(wanted.scopes)):
        problems["scopes"] = [say("scopes_empty")]
    days = {str(each): each for each in LIFETIMES}.get(wanted.days)
    if days is None:
        problems["days"] = [say("unknown_choice", choices=", ".join(map(str, LIFETIMES)))]
    if problems or days is None:
        raise InvalidInputError(problems)
    return name, scopes, days
