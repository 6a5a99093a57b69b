"""A school claims its listing: it asks, an operator decides, and organic requests come free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from matcher.catalog import Catalog
from models.domain.approval import Decision, DecisionKind, Verdict
from models.domain.claim import Claim, ClaimStatus, OwnedSchool, check_transition
from models.domain.destination import Destination
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, new_id, show
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.school_id import show_school
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.staff_destinations import own_destination
from service.steps.staff_doors import staff_actor

MOST_FOUND = 20
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class SchoolFound:
    """A school of the catalog; ``region`` is its state or province, if known."""

    unitid: int
    name: str
    region: str

    @property
    def placed(self) -> str:
        """Its name and where it is, as far as that is known."""
        return f"{self.name}, {self.region}" if self.region else self.name


@dataclass(frozen=True, slots=True)
class Listings:
    """What an organization owns and claims; ``schools`` names them all by unitid."""

    owned: tuple[OwnedSchool, ...]
    claims: tuple[Claim, ...]
    destinations: tuple[Destination, ...]
    schools: Mapping[int, SchoolFound]


@dataclass(frozen=True, slots=True)
class ClaimWanted:
    """What somebody claims, and where its requests shall go; None: nowhere yet."""

    unitid: int
    destination_id: UUID | None
    takes_organic: bool


def listings(services: Services, organization_id: UUID) -> Listings:
    """Read what an organization owns and claims."""
    with services.unit_of_work() as work:
        owned, claims = work.claims.owned(organization_id), work.claims.of(organization_id)
        destinations = work.destinations.of(organization_id)
    unitids = {each.unitid for each in owned} | {each.unitid for each in claims}
    return Listings(owned, claims, destinations, schools_named(services, unitids))


def search_schools(services: Services, words: str) -> tuple[SchoolFound, ...]:
    """Find schools whose name has every word.

    Raises:
        InvalidInputError: when there is too little to search for.
    """
    wanted = words.casefold().split()
    if len("".join(wanted)) < _SHORTEST:
        raise InvalidInputError({"q": [say("school_words")]})
    catalog = services.serving.state().engine.catalog
    found = (
        _school(catalog, row)
        for row in range(len(catalog.unitid))
        if all(word in catalog.school_name[row].casefold() for word in wanted[:8])
    )
    return tuple(sorted(found, key=lambda school: (school.name, school.unitid))[:MOST_FOUND])


def claim(services: Services, staff: Staff, organization_id: UUID, wanted: ClaimWanted) -> UUID:
    """Claim a school's listing for an organization; an operator has to approve.

    Raises:
        InvalidInputError: when there is no such school.
        NotFoundError: when the destination is not this organization's.
        ConflictError: when it has or claims the school already.
    """
    if not schools_named(services, {wanted.unitid}):
        raise InvalidInputError({"school": [say("school_unknown")]})
    now = services.clock.now()
    with services.unit_of_work() as work:
        organization = work.organizations.get(organization_id)
        if organization is None:
            raise NotFoundError("there is no such organization")
        if wanted.unitid in work.organizations.schools(organization_id):
            raise ConflictError(say("claim_owned"))
        waiting = [each for each in work.claims.of(organization_id) if each.unitid == wanted.unitid]
        if any(each.status is ClaimStatus.PENDING for each in waiting):
            raise ConflictError(say("claim_waits"))
        if wanted.destination_id is not None:
            own_destination(work, organization_id, wanted.destination_id)
        made = Claim(
            id=new_id(now),
            organization_id=organization_id,
            organization_name=organization.name,
            unitid=wanted.unitid,
            destination_id=wanted.destination_id,
            takes_organic=wanted.takes_organic,
            status=ClaimStatus.PENDING,
            claimed_at=now,
        )
        work.claims.add(made)
        _note(services, work, staff, "claim.add", made)
    return made.id


def decide(services: Services, staff: Staff, claim_id: UUID, status: ClaimStatus) -> None:
    """Approve a claim or decline it; an approved one takes effect within a second.

    Raises:
        NotFoundError: when there is no such claim.
        TransitionError: when it was decided before.
        ConflictError: when another organization has the school.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        found = work.claims.get(claim_id)
        check_transition(found.status, status)
        work.claims.decide(claim_id, status, now)
        if status is ClaimStatus.APPROVED:
            _give(work, found, now)
            if found.destination_id is not None:
                work.claims.serve(found.unitid, found.destination_id)
        work.approvals.decide(_decision(staff, found, status, now))
        _note(services, work, staff, f"claim.{status.value}", found)


def _give(work: UnitOfWork, found: Claim, now: datetime) -> None:
    try:
        work.organizations.claim_school(
            found.organization_id, found.unitid, takes_organic=found.takes_organic, now=now
        )
    except ConflictError as error:
        raise ConflictError(say("claim_others")) from error


def set_organic(
    services: Services, staff: Staff, organization_id: UUID, unitid: int, *, takes: bool
) -> None:
    """Take a school's free requests, or take none without a campaign.

    Raises:
        NotFoundError: when the school is not this organization's.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        if unitid not in work.organizations.schools(organization_id):
            raise NotFoundError("there is no such listing")
        work.organizations.claim_school(organization_id, unitid, takes_organic=takes, now=now)
        work.organizations.record_audit(
            staff_actor(staff), "listing.organic", show_school(unitid), {"takes": takes}, now
        )


def schools_named(services: Services, unitids: set[int]) -> Mapping[int, SchoolFound]:
    """Find schools of the catalog by their unitids; those it does not have are left out."""
    if not unitids:
        return {}
    catalog = services.serving.state().engine.catalog
    rows = (row for row, unitid in enumerate(catalog.unitid.tolist()) if unitid in unitids)
    found = (_school(catalog, row) for row in rows)
    return {school.unitid: school for school in found}


def _school(catalog: Catalog, row: int) -> SchoolFound:
    region = int(catalog.region[row])
    name = catalog.school_name[row]
    return SchoolFound(
        int(catalog.unitid[row]), name, catalog.regions[region] if region >= 0 else ""
    )


def _decision(staff: Staff, about: Claim, status: ClaimStatus, now: datetime) -> Decision:
    return Decision(
        now,
        DecisionKind.CLAIM,
        show(Prefix.CLAIM, about.id),
        f"{show_school(about.unitid)}, {about.organization_name}",
        Verdict(status.value),
        staff_actor(staff),
        organization_id=about.organization_id,
    )


def _note(services: Services, work: UnitOfWork, staff: Staff, action: str, about: Claim) -> None:
    detail = {
        "school": show_school(about.unitid),
        "organization": show(Prefix.ORGANIZATION, about.organization_id),
        "takes_organic": about.takes_organic,
    }
    work.organizations.record_audit(
        staff_actor(staff), action, show(Prefix.CLAIM, about.id), detail, services.clock.now()
    )
