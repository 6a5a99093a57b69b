"""Setting a destination up, step by step, as its kind or preset declares: a draft until tested."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.domain.destination import Destination, NewDestination
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from models.exchange.kinds import KINDS, Kind
from models.exchange.kinds.declaration import DeclaredSetting, Typed
from models.exchange.presets import PRESETS
from models.exchange.signing import make_key
from service.said import say
from service.services import Services
from service.steps.staff_destinations import own_destination
from service.steps.staff_doors import staff_actor

_MOST_CHANGES = 200
_LONGEST_NAME = 80
SIGNING_KEYS = "signing_keys"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, drawn from a declaration; ``set_at`` is when its secret was set."""

    name: str
    label: str
    help: str
    example: str = ""
    secret: bool = False
    required: bool = True
    block: bool = False
    choices: tuple[str, ...] = ()
    set_at: datetime | None = None
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft; ``new_key`` is a signing key that was made for it, to be shown once."""

    destination_id: UUID
    new_key: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A destination of one's own, with its kind; ``secrets`` are names."""

    destination: Destination
    kind: Kind
    secrets: frozenset[str]

    def listed(self, typed: Typed) -> tuple[DeclaredSetting, ...]:
        """The settings that a form takes as rows."""
        return tuple(each for each in self.kind.settings if each.typed is typed)

    def written(self, declared: DeclaredSetting) -> list[Mapping[str, Any]]:
        """The rows that are set, or what a form begins with."""
        return list(self.destination.settings.get(declared.name, declared.start or ()))


def open_destination(services: Services, organization_id: UUID, destination_id: UUID) -> Opened:
    """Read a destination to be looked at or changed.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    with services.unit_of_work() as work:
        return open_in(work, organization_id, destination_id)


def fields_of(made_from: str) -> tuple[Field, ...]:
    """The fields that setting up asks for: a preset's questions, or a kind's own settings.

    Raises:
        NotFoundError: when there is no such preset or kind.
    """
    if made_from in PRESETS:
        asked = PRESETS[made_from].ask
        return tuple(
            Field(each.name, _label(each.label), each.help, each.example, each.secret)
            for each in asked
        )
    if made_from not in KINDS:
        raise NotFoundError("there is no such preset or kind")
    return tuple(_field(each) for each in _plain(KINDS[made_from]))


def fields_to_change(services: Services, opened: Opened) -> tuple[Field, ...]:
    """The fields of a destination that is there, with when each secret was set."""
    shown = show(Prefix.DESTINATION, opened.destination.id)
    organization = opened.destination.organization_id
    with services.unit_of_work() as work:
        changes = work.history.page(organization, subject=shown, most=_MOST_CHANGES)
    set_at: dict[str, datetime] = {}
    for change in changes:
        for name in change.secrets:
            set_at.setdefault(name, change.at)
    return tuple(
        _field(each, set_at.get(each.name), is_set=each.name in opened.secrets)
        for each in _plain(opened.kind)
    )


def begin(
    services: Services,
    staff: Staff,
    organization_id: UUID,
    typed: Mapping[str, str],
    randomness: Callable[[int], bytes] = os.urandom,
) -> Begun:
    """Make a draft of what was typed; nothing goes there before a test has arrived.

    ``made_from`` among it is the preset or kind.

    Raises:
        NotFoundError: when there is no such preset or kind.
        InvalidInputError: with a message for each field to mend.
    """
    made_from = typed.get("made_from", "")
    asked = fields_of(made_from)
    given = {each.name: typed.get(each.name, "").strip() for each in asked}
    preset, now = PRESETS.get(made_from), services.clock.now()
    kind, new_key = KINDS[preset.kind if preset else made_from], None
    if preset is not None:
        settings, secrets = preset.expand({k: v for k, v in given.items() if v})
    else:
        if SIGNING_KEYS in given and not given[SIGNING_KEYS]:
            new_key = given[SIGNING_KEYS] = make_key(randomness)
        started = {
            each.name: [dict(row) for row in each.start]
            for each in kind.settings
            if each.required and each.typed in (Typed.MAPPING, Typed.RULES)
        }
        settings, secrets = kind.change({k: v for k, v in given.items() if v}, started, {})
    name = typed.get("name", "").strip() or (preset or kind).label
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError({"name": [say("too_long", most=_LONGEST_NAME)]})
    actor = staff_actor(staff)
    with services.unit_of_work() as work:
        schools = work.organizations.schools(organization_id)
        new = NewDestination(name, kind.name, settings, secrets, schools, kind.pace(settings))
        made = work.destinations.create(organization_id, new, by=actor.name, now=now)
        detail = {"preset" if preset else "kind": made_from, "schools": len(schools)}
        shown = show(Prefix.DESTINATION, made)
        work.organizations.record_audit(actor, "destination.add", shown, detail, now)
    return Begun(made, new_key)


def save_settings(
    services: Services,
    staff: Staff,
    which: tuple[UUID, UUID],
    typed: Mapping[str, str],
) -> None:
    """Set what was typed; a secret that was left empty stays, another setting goes.

    ``remove.NAME`` takes a secret away; ``version`` is the one that the form was drawn from.

    Raises:
        NotFoundError: when it is not this organization's.
        InvalidInputError: with a message for each field to mend.
        ConflictError: when somebody else changed it meanwhile.
    """
    with services.unit_of_work() as work:
        opened = open_in(work, *which)
        _check_version(opened, typed.get("version", ""))
        changes = {}
        for each in _plain(opened.kind):
            said = typed.get(each.name, "").strip()
            if said or not each.secret or f"remove.{each.name}" in typed:
                changes[each.name] = said
        config = work.destinations.for_delivery(which[1])
        after = opened.kind.change(changes, config.settings, config.secrets)
        keep(who(services, staff), work, opened, after, sorted(changes))


def save_rows(
    services: Services,
    staff: Staff,
    which: tuple[UUID, UUID],
    rows: Mapping[str, list[dict[str, Any]]],
    version: str,
) -> None:
    """Set fields or outcome rules, after the checks that all settings have.

    Args:
        services: the outside.
        staff: who does it.
        which: the organization and its destination.
        rows: what was typed, by setting.
        version: the version that the form was drawn from.

    Raises:
        NotFoundError: when it is not this organization's.
        InvalidInputError: with a message for each row to mend.
        ConflictError: when somebody else changed it meanwhile.
    """
    with services.unit_of_work() as work:
        opened = open_in(work, *which)
        _check_version(opened, version)
        config = work.destinations.for_delivery(which[1])
        settings = {**config.settings, **rows}
        opened.kind.check(settings, config.secrets)
        keep(who(services, staff), work, opened, (settings, dict(config.secrets)), sorted(rows))


class By(NamedTuple):
    """Who changes a destination, and when."""

    actor: Actor
    now: datetime


def who(services: Services, staff: Staff) -> By:
    """Name somebody on the staff, and the moment."""
    return By(staff_actor(staff), services.clock.now())


def keep(
    by: By,
    work: UnitOfWork,
    opened: Opened,
    after: tuple[dict[str, Any], dict[str, Any]],
    changed: list[str],
) -> None:
    """Make a new version current, where it differs from the one that is; write down who did."""
    found, actor, now = opened.destination, by.actor, by.now
    config = work.destinations.for_delivery(found.id)
    if after == (dict(config.settings), dict(config.secrets)):
        return
    work.destinations.change(found.id, *after, by=actor.name, now=now)
    work.destinations.set_pace(found.id, opened.kind.pace(after[0]))
    detail = {"changed": changed, "from": found.version, "to": found.version + 1}
    shown = show(Prefix.DESTINATION, found.id)
    work.organizations.record_audit(actor, "destination.set", shown, detail, now)


def open_in(work: UnitOfWork, organization_id: UUID, destination_id: UUID) -> Opened:
    """Read a destination inside a transaction.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    own_destination(work, organization_id, destination_id)
    found = work.destinations.get(destination_id)
    config = work.destinations.for_delivery(destination_id)
    return Opened(found, KINDS[found.kind], frozenset(config.secrets))


def _check_version(opened: Opened, version: str) -> None:
    """Let nobody overwrite what they have not seen."""
    if str(opened.destination.version) != version:
        raise ConflictError(say("changed_meanwhile"))


def _plain(kind: Kind) -> tuple[DeclaredSetting, ...]:
    return tuple(each for each in kind.settings if each.typed in (Typed.LINE, Typed.BLOCK))


def _field(each: DeclaredSetting, set_at: datetime | None = None, *, is_set: bool = False) -> Field:
    return Field(
        each.name,
        each.label,
        each.help,
        secret=each.secret,
        # A signing key that nobody gives is made.
        required=each.required and not each.secret,
        block=each.typed is Typed.BLOCK,
        choices=each.choices,
        set_at=set_at,
        is_set=is_set,
    )


def _label(label: str) -> str:
    return label[:1].upper() + label[1:]
