"""From ticked listings to schools: which can be asked here, and what may not be sent."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from models.domain.destination import TakesRequests
from models.domain.errors import InvalidInputError
from models.domain.levels import EducationLevel
from models.domain.matching import CampaignOffer, NotTakenReason, RequestChannel, Slate
from models.domain.request import MOST_SCHOOLS
from service.said import Said, say
from service.services import ServingState
from service.steps.channels import show_listing
from service.steps.outputs import ChosenSchool, ShownListing
from service.steps.slates import Drawn, find_listings


def choose_schools(
    state: ServingState, drawn: Drawn, listing_ids: tuple[str, ...], *, chosen_before: bool = False
) -> tuple[ChosenSchool, ...]:
    """Group ticked listings by school, in order of each school's best place.

    Args:
        state: what serves.
        drawn: the slate of the listings.
        listing_ids: those that are ticked.
        chosen_before: whether what a student chose is only shown: a school that has stopped taking
            requests since is told as shut, and more schools than can be asked are not refused.

    Raises:
        InvalidInputError: naming each listing that is not of the slate or takes no requests, and
            when there are too many schools or the student may not send requests at all.
    """
    if drawn.slate.answers.education_level is EducationLevel.NO_DIPLOMA:
        raise InvalidInputError({"listing_ids": [say("no_diploma")]})
    listings = find_listings(drawn, tuple(dict.fromkeys(listing_ids)))
    shown = [show_listing(listing, drawn.slate, state.taking) for listing in listings]
    wrong: dict[str, list[Said]] = {
        f"listing_ids.{place}": [say("listing_closed", school=one.listing.school.name)]
        for place, one in enumerate(shown)
        if one.request is not RequestChannel.HERE and not chosen_before
    }
    schools: dict[int, list[ShownListing]] = {}
    for one in sorted(shown, key=lambda one: one.listing.position):
        schools.setdefault(one.listing.school.unitid, []).append(one)
    if len(schools) > MOST_SCHOOLS and not chosen_before:
        wrong["listing_ids"] = [say("schools_many", most=MOST_SCHOOLS)]
    if wrong:
        raise InvalidInputError(wrong)
    return tuple(
        _school(state.taking.get(unitid), tuple(ticked), drawn.slate, state.offers)
        for unitid, ticked in schools.items()
    )


def takes_organic(school: ChosenSchool, taking: Mapping[int, TakesRequests]) -> bool:
    """Tell whether a school takes requests that no campaign pays for."""
    takes = taking.get(school.unitid)
    return takes is not None and takes.organic


def _school(
    takes: TakesRequests | None,
    ticked: tuple[ShownListing, ...],
    slate: Slate,
    offers: Iterable[CampaignOffer],
) -> ChosenSchool:
    school = ticked[0].listing.school
    if takes is None or not any(one.request is RequestChannel.HERE for one in ticked):
        closed = NotTakenReason.CLOSED
        return ChosenSchool(school.unitid, school.name, "", False, ticked, closed)  # noqa: FBT003
    return ChosenSchool(
        unitid=school.unitid,
        name=school.name,
        organization_name=takes.organization_name,
        fictional=takes.fictional,
        listings=ticked,
        shut=_why_shut(takes, ticked, slate, offers),
        questions=takes.questions,
    )


def _why_shut(
    takes: TakesRequests,
    ticked: tuple[ShownListing, ...],
    slate: Slate,
    offers: Iterable[CampaignOffer],
) -> NotTakenReason | None:
    """Tell why no ticked listing can become a lead now, as far as we know.

    Campaigns are compared, not their versions: one that was edited since the slate was drawn is
    the same one. One that is not among the offers of now has ended or is paused.
    """
    if takes.organic and not all(one.listing.sponsored for one in ticked):
        return None
    shown = {offer.version_id: offer.campaign_id for offer in slate.offers}
    now = {offer.campaign_id: offer.shut for offer in offers}
    reasons = {_reason(shown, now, one.listing.campaign_version_id) for one in ticked}
    if None in reasons:
        return None
    return NotTakenReason.FULL if NotTakenReason.FULL in reasons else NotTakenReason.CLOSED


def _reason(
    shown: Mapping[UUID, UUID],
    now: Mapping[UUID, NotTakenReason | None],
    version_id: UUID | None,
) -> NotTakenReason | None:
    campaign_id = shown.get(version_id) if version_id is not None else None
    return now.get(campaign_id, NotTakenReason.CLOSED) if campaign_id else NotTakenReason.CLOSED
