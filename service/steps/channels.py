"""How a student can ask each school, and what on a slate is only a demonstration."""

from collections.abc import Collection, Mapping
from uuid import UUID

from models.domain.destination import TakesRequests
from models.domain.levels import EducationLevel
from models.domain.listing_id import listing_id
from models.domain.matching import CampaignOffer, Listing, Note, RequestChannel, Slate
from service.steps.outputs import ShownListing


def request_channel(
    listing: Listing, taking: Mapping[int, TakesRequests], level: EducationLevel
) -> RequestChannel:
    """Tell how a listing's school can be asked.

    Here when the school has an active, tested destination, and takes organic requests or paid for
    this place; never here without a diploma: such a lead is not sold.
    """
    takes = taking.get(listing.school.unitid)
    sold = takes is not None and (takes.organic or listing.sponsored)
    if sold and level is not EducationLevel.NO_DIPLOMA:
        return RequestChannel.HERE
    return RequestChannel.SCHOOL_SITE if listing.school.url else RequestChannel.NONE


def show_listing(
    listing: Listing, slate: Slate, taking: Mapping[int, TakesRequests]
) -> ShownListing:
    """Give a listing its id and its channel, and call a fictional sponsor fictional."""
    return ShownListing(
        listing_id(slate.id, listing.position, listing.program.id),
        listing,
        request_channel(listing, taking, slate.answers.education_level),
        is_fictional(listing.campaign_version_id, slate.offers),
    )


def is_fictional(version_id: UUID | None, offers: tuple[CampaignOffer, ...]) -> bool:
    """Tell whether the campaign behind a listing belongs to nobody real."""
    if version_id is None:
        return False
    return any(offer.fictional and offer.version_id == version_id for offer in offers)


def demonstration_notes(
    slate: Slate, serving: Collection[str], *, simulated: bool
) -> tuple[Note, ...]:
    """Say what is a demonstration, of a slate and of what serves now; empty where nothing is.

    Args:
        slate: as it was drawn.
        serving: codes of what demonstrates now, on this slate or not.
        simulated: whether the slate's ranker learned from simulated visitors.
    """
    notes = []
    if simulated or "simulated_ranker" in serving:
        notes.append(Note("simulated_ranker"))
    if "fictional_sponsors" in serving or any(offer.fictional for offer in slate.offers):
        notes.append(Note("fictional_sponsors"))
    return tuple(notes)
