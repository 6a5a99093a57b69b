"""What was changed of an organization's configuration: looked at, compared, taken back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.campaign import CampaignStatus, Terms, read_settings
from models.domain.campaign_form import AGREED_TERMS
from models.domain.destination import DestinationStatus
from models.domain.errors import ConflictError, NotFoundError
from models.domain.history import (
    Change,
    Configured,
    Difference,
    differences,
    put_back,
    rows_changed_since,
)
from models.domain.ids import Prefix, read, show
from models.domain.intake import read_intake
from models.domain.organization import ActorKind
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.question import check_question
from models.domain.school_id import read_school
from models.domain.staff import Staff
from models.exchange.kinds import KINDS
from service.said import say
from service.services import Services
from service.steps.claim_listing import schools_named
from service.steps.staff_doors import staff_actor
from service.steps.switch_destination import move

MOST_SHOWN = 50
_HEX = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A change as people read it: who did it, what it is about, and value by value what changed.

    ``who`` is a colleague's address, or empty: then the kind of the actor says it.
    """

    change: Change
    who: str
    name: str
    differences: tuple[Difference, ...]
    can_go_back: bool


@dataclass(frozen=True, slots=True)
class ChangesShown:
    """A page of changes; ``next_before`` is where the next one begins."""

    changes: tuple[ChangeShown, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class ChangesWanted:
    """Which changes are looked for; nothing given means all."""

    kind: Configured | None = None
    subject: str | None = None
    before: UUID | None = None


def list_changes(services: Services, organization_id: UUID, wanted: ChangesWanted) -> ChangesShown:
    """List an organization's changes, the newest first."""
    with services.unit_of_work() as work:
        found = work.history.page(
            organization_id,
            kind=wanted.kind,
            subject=wanted.subject,
            before=wanted.before,
            most=MOST_SHOWN + 1,
        )
        people = _people(work, organization_id)
    shown = found[:MOST_SHOWN]
    names = _names(services, shown)
    return ChangesShown(
        tuple(_shown(each, people, names) for each in shown),
        shown[-1].id if len(found) > MOST_SHOWN else None,
    )


def view_change(services: Services, organization_id: UUID, change_id: UUID) -> ChangeShown:
    """Read one change.

    Raises:
        NotFoundError: when there is none, or it is another organization's.
    """
    with services.unit_of_work() as work:
        found = _own(work, organization_id, change_id)
        people = _people(work, organization_id)
    return _shown(found, people, _names(services, (found,)))


def take_back(services: Services, staff: Staff, organization_id: UUID, change_id: UUID) -> None:
    """Give what a change touched its earlier values, as a change of its own.

    What was changed since then, and was not touched by it, stays.

    Raises:
        NotFoundError: when there is no such change.
        ConflictError: when it cannot be taken back, or would undo what others changed since.
        InvalidInputError: when what would hold then cannot work.
        TransitionError: when it cannot go back to the state that it had.
    """
    with services.unit_of_work() as work:
        found = _own(work, organization_id, change_id)
        if found.before is None or found.after is None:
            raise ConflictError(say("history_made"))
        taker = _TAKERS.get(found.kind)
        if taker is None:
            raise ConflictError(say("history_elsewhere"))
        work.history.takes_back(found.id)
        taker(services, work, staff, found)
        shown = show(Prefix.CHANGE, found.id)
        work.organizations.record_audit(
            staff_actor(staff),
            "configuration.take_back",
            found.subject,
            {"change": shown},
            services.clock.now(),
        )


def _destination(services: Services, work: UnitOfWork, staff: Staff, change: Change) -> None:
    before, after = _both(change)
    now, which = services.clock.now(), read(Prefix.DESTINATION, change.subject)
    current = work.destinations.get(which)
    if current.status is DestinationStatus.REMOVED:
        raise ConflictError(say("history_removed"))
    config = work.destinations.for_delivery(which)
    _nothing_since(config.settings, before["settings"], after["settings"])
    settings = put_back(config.settings, before["settings"], after["settings"])
    secrets = dict(config.secrets)
    if change.secrets:
        earlier = work.destinations.secrets_of(which, before["version"])
        for name in change.secrets:
            secrets.pop(name, None)
            if name in earlier:
                secrets[name] = earlier[name]
    if (settings, secrets) != (dict(config.settings), dict(config.secrets)):
        kind = KINDS[config.kind]
        kind.check(settings, secrets)
        work.destinations.change(which, settings, secrets, by=staff_actor(staff).name, now=now)
        work.destinations.set_pace(which, kind.pace(settings))
    if before["status"] != after["status"] and current.status.value != before["status"]:
        move(work, work.destinations.get(which), DestinationStatus(before["status"]))


def _nothing_since(now: Mapping[str, Any], then: Mapping[str, Any], to: Mapping[str, Any]) -> None:
    """Refuse to take rows back that were changed again since: all rows of a list go back at once.

    Raises:
        ConflictError: naming the list.
    """
    if since := rows_changed_since(now, then, to):
        raise ConflictError(say("history_rows_since", name=since.replace("_", " ")))


def _campaign(services: Services, work: UnitOfWork, staff: Staff, change: Change) -> None:
    before, after = _both(change)
    found = work.campaigns.get(read(Prefix.CAMPAIGN, change.subject))
    if found.status is CampaignStatus.ENDED:
        raise ConflictError(say("history_ended"))
    now = {
        "price_minor": found.current.price_minor,
        "currency": found.current.currency,
        "settings": found.current.settings.document(),
    }
    then = put_back(now, *({name: one[name] for name in now} for one in (before, after)))
    if then != now:
        _only_own_terms(found.current.settings.document(), then["settings"])
        terms = Terms(then["price_minor"], then["currency"], read_settings(then["settings"]))
        by = staff_actor(staff).name
        work.campaigns.change(found, terms, by=by, now=services.clock.now())
    if before["status"] != after["status"] and found.status.value != before["status"]:
        work.campaigns.set_status(work.campaigns.get(found.id), CampaignStatus(before["status"]))


def _only_own_terms(now: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """Refuse to take back what is agreed with the operator: a school does not set it alone.

    Raises:
        ConflictError: when such terms would change.
    """
    if any(now.get(name) != then.get(name) for name in AGREED_TERMS):
        raise ConflictError(say("history_agreed"))


def _school(services: Services, work: UnitOfWork, _staff: Staff, change: Change) -> None:
    before, after = _both(change)
    unitid = read_school(change.subject)
    if unitid not in work.organizations.schools(change.organization_id):
        raise NotFoundError("it is another organization's by now")
    intake = work.destinations.intake(unitid)
    empty = read_intake(None).document()
    documents = (intake.document(), before["intake"] or empty, after["intake"] or empty)
    _nothing_since(*documents)
    then = read_intake(put_back(*documents))
    if then != intake:
        for place, each in enumerate(then.questions):
            check_question(each, then.questions[:place])
        named = {*then.order, *(one for one, _ in then.weights)}
        named |= {rule.destination_id for rule in then.rules}
        if named - set(work.destinations.serving(unitid)):
            raise ConflictError(say("history_destination_gone"))
        work.destinations.set_intake(unitid, then)
    if before["takes_organic"] != after["takes_organic"]:
        work.organizations.claim_school(
            change.organization_id,
            unitid,
            takes_organic=before["takes_organic"],
            now=services.clock.now(),
        )


_Taker = Callable[[Services, UnitOfWork, Staff, Change], None]
# What is not here is undone where it is done: a key is made anew, a role is given by an admin, a
# highlight is written and approved again, a sign-in must answer once more.
_TAKERS: Mapping[Configured, _Taker] = {
    Configured.DESTINATION: _destination,
    Configured.CAMPAIGN: _campaign,
    Configured.SCHOOL: _school,
}


def _both(change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    return dict(change.before or {}), dict(change.after or {})


def _own(work: UnitOfWork, organization_id: UUID, change_id: UUID) -> Change:
    found = work.history.one(organization_id, change_id)
    if found is None:
        raise NotFoundError("there is no such change")
    return found


def _people(work: UnitOfWork, organization_id: UUID) -> dict[str, str]:
    """The addresses of an organization's own staff; who else worked for it stays unnamed."""
    return {
        show(Prefix.STAFF, one.id): one.email
        for one in work.staff.all()
        if any(each.organization_id == organization_id for each in one.memberships)
    }


def _names(services: Services, changes: tuple[Change, ...]) -> dict[str, str]:
    """Names of schools, as the catalog has them."""
    subjects = {each.subject for each in changes if each.kind is Configured.SCHOOL}
    found = schools_named(services, {read_school(each) for each in subjects})
    return {each: found[unitid].name for each in subjects if (unitid := read_school(each)) in found}


def _shown(change: Change, people: Mapping[str, str], names: Mapping[str, str]) -> ChangeShown:
    document = change.after or change.before or {}
    name = document.get("name") or document.get("words")
    name = str(name or names.get(change.subject) or people.get(change.subject, ""))
    who = people.get(change.actor.name, "") if change.actor.kind is ActorKind.STAFF else ""
    both = change.before is not None and change.after is not None
    return ChangeShown(
        change,
        who,
        name,
        tuple(
            Difference(tuple(map(_readable, path)), old, new)
            for path, old, new in differences(change.before, change.after)
        ),
        both and change.kind in _TAKERS,
    )


def _readable(step: str) -> str:
    """An id inside a document, as it is shown elsewhere."""
    return show(Prefix.DESTINATION, UUID(step)) if _HEX.fullmatch(step) else step
