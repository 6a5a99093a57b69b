"""An organization's campaigns in its own rooms: looked at, made, changed, paused, ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from matcher.catalog import CREDENTIALS
from matcher.regions import REGIONS
from models.domain.campaign import Campaign, CampaignStatus, Terms
from models.domain.campaign_changes import apply_changes
from models.domain.campaign_form import (
    OWN_FIELDS,
    CampaignState,
    as_typed,
    state_at,
    with_offsets,
)
from models.domain.caps import CapUse
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.levels import CredentialLevel
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.school_id import show_school
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.change_campaign import (
    change_terms,
    create_campaign,
    move_campaign,
    new_terms,
)
from service.steps.claim_listing import SchoolFound, schools_named
from service.steps.staff_doors import staff_actor

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class CampaignShown:
    """A campaign as it is at a moment, with how far its present windows are used."""

    campaign: Campaign
    uses: tuple[CapUse, ...]
    state: CampaignState


@dataclass(frozen=True, slots=True)
class Offered:
    """What an organization's campaigns can be about.

    ``schools`` are its own, by unitid; ``fields`` names by CIP family of what they teach,
    ``levels`` the credentials they lead to.
    """

    schools: Mapping[int, SchoolFound]
    fields: Mapping[str, str]
    levels: tuple[CredentialLevel, ...]


def campaigns(services: Services, organization_id: UUID) -> tuple[CampaignShown, ...]:
    """List an organization's campaigns, oldest first."""
    now = services.clock.now()
    with services.unit_of_work() as work:
        return _shown(work, organization_id, now)


def campaign(services: Services, organization_id: UUID, campaign_id: UUID) -> CampaignShown:
    """Read one campaign.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    for each in campaigns(services, organization_id):
        if each.campaign.id == campaign_id:
            return each
    raise NotFoundError("there is no such campaign")


def offered(services: Services, organization_id: UUID) -> Offered:
    """Tell which programs the organization's schools have."""
    with services.unit_of_work() as work:
        owned = set(work.organizations.schools(organization_id))
    catalog = services.serving.state().engine.catalog
    schools = [row for row, unitid in enumerate(catalog.unitid.tolist()) if unitid in owned]
    fields: set[int] = set()
    levels: set[int] = set()
    for school in schools:
        rows = catalog.school == school
        fields.update(catalog.field[rows].tolist())
        levels.update(catalog.credential[rows].tolist())
    cips = [catalog.cips[field] for field in sorted(fields)]
    # A school of its own may be none of the catalog's yet: it is told by its number.
    unnamed = {unitid: SchoolFound(unitid, show_school(unitid), "") for unitid in sorted(owned)}
    return Offered(
        {**unnamed, **schools_named(services, owned)},
        {cip: services.fields.name(cip) for cip in cips},
        tuple(CREDENTIALS[level] for level in sorted(levels)),
    )


def create(
    services: Services, staff: Staff, organization_id: UUID, name: str, typed: Mapping[str, str]
) -> UUID:
    """Make a campaign, a draft until it is begun.

    Raises:
        InvalidInputError: naming everything that cannot be used.
    """
    wanted, now = with_offsets(_own(typed)), services.clock.now()
    problems = _name_problems(name)
    with services.unit_of_work() as work:
        try:
            terms: Terms | None = new_terms(wanted)
        except InvalidInputError as error:
            problems, terms = {**problems, **error.messages}, None
        if terms is not None:
            problems |= _not_theirs(work, organization_id, terms)
        if problems:
            raise InvalidInputError(problems)
        who = staff_actor(staff)
        return create_campaign(work, who, organization_id, name.strip(), wanted, now=now)


def read_typed(
    services: Services, organization_id: UUID, before: Terms | None, typed: Mapping[str, str]
) -> Terms:
    """Read what was typed without keeping it, as a preview does.

    Raises:
        InvalidInputError: naming everything that cannot be used.
    """
    wanted = with_offsets(_own(typed))
    terms = new_terms(wanted) if before is None else apply_changes(before, wanted, REGIONS)
    with services.unit_of_work() as work:
        problems = _not_theirs(work, organization_id, terms)
    if problems:
        raise InvalidInputError(problems)
    return terms


def change(
    services: Services,
    staff: Staff,
    found: CampaignShown,
    typed: Mapping[str, str],
    version: str,
) -> bool:
    """Change what was typed differently; tell whether anything was.

    Args:
        services: what the step leans on.
        staff: who changes it.
        found: the campaign as it was looked up for this organization.
        typed: the form.
        version: the version that the form was drawn from.

    Raises:
        InvalidInputError: naming everything that cannot be used.
        ConflictError: when somebody else changed it meanwhile, or it has ended.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        before = work.campaigns.get(found.campaign.id)
        held = as_typed(before.current.terms)
        wanted = {name: text for name, text in _own(typed).items() if text != held[name]}
        if not wanted:
            return False
        wanted = _with_zone(wanted, typed)
        terms = apply_changes(before.current.terms, wanted, REGIONS)
        problems = _not_theirs(work, before.organization_id, terms)
        if problems:
            raise InvalidInputError(problems)
        if str(before.current.version) != version or before.status is CampaignStatus.ENDED:
            raise ConflictError(say("changed_meanwhile"))
        change_terms(work, staff_actor(staff), before, wanted, now)
    return True


def move(services: Services, staff: Staff, found: CampaignShown, status: CampaignStatus) -> None:
    """Begin, pause, resume or end a campaign.

    Raises:
        TransitionError: when that cannot follow.
    """
    with services.unit_of_work() as work:
        before = work.campaigns.get(found.campaign.id)
        move_campaign(work, staff_actor(staff), before, status, services.clock.now())


def _shown(work: UnitOfWork, organization_id: UUID, now: datetime) -> tuple[CampaignShown, ...]:
    return tuple(
        CampaignShown(each, uses, state_at(each, uses, now))
        for each, uses in work.campaigns.uses(now, organization_id)
    )


def _own(typed: Mapping[str, str]) -> dict[str, str]:
    """What a school may set; whatever else a form says is not read."""
    return {name: typed[name].strip() for name in OWN_FIELDS if name in typed}


def _with_zone(wanted: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Read moments on the clock of the form's zone, which need not have changed."""
    read = with_offsets({**wanted, "zone": typed.get("zone", "")})
    return {name: read[name] for name in wanted}


def _name_problems(name: str) -> dict[str, list[str]]:
    plain = name.strip()
    if not plain:
        return {"name": [say("empty")]}
    if len(plain) > _LONGEST_NAME or not plain.isprintable():
        return {"name": [say("too_long", most=_LONGEST_NAME)]}
    return {}


def _not_theirs(work: UnitOfWork, organization_id: UUID, terms: Terms) -> dict[str, list[str]]:
    """Refuse schools of others; which exist is not told."""
    own: Collection[int] = work.organizations.schools(organization_id)
    if not terms.settings.unitids or set(terms.settings.unitids) - set(own):
        return {"unitids": ["Choose among your own listings; claim a listing first."]}
    return {}
