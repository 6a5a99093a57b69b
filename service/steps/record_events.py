"""What a visitor did with a slate: impressions, clicks, requests begun; by slate and position."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog

from models.domain.ids import new_id
from models.domain.matching import Listing
from models.domain.slates import EventKind, ServedEvent
from service.services import Services
from service.steps.inputs import EventInput
from service.steps.outputs import ShownListing
from service.steps.slates import draw_again, find_listings

# Kind, listing's id as shown, position.
_Happened = tuple[EventKind, str, int]
_log = structlog.get_logger(__name__)


def record_events(services: Services, slate_id: UUID, events: tuple[EventInput, ...]) -> int:
    """Keep events, and return how many were kept.

    Raises:
        InvalidInputError: when the slate is not known, or a listing is not of it.
    """
    drawn = draw_again(services, slate_id)
    listings = find_listings(drawn, tuple(event.listing_id for event in events))
    happened = [
        (event.kind, event.listing_id, listing.position)
        for event, listing in zip(events, listings, strict=True)
    ]
    _keep(services, slate_id, happened)
    return len(happened)


def follow_link(services: Services, slate_id: UUID, shown_id: str) -> Listing:
    """Keep that a listing's link to its school was followed, and return the listing.

    A store that is away keeps nobody from the school.

    Raises:
        InvalidInputError: when the slate is not known, or the listing is not of it.
    """
    (listing,) = find_listings(draw_again(services, slate_id), (shown_id,))
    _keep_if_possible(services, slate_id, [(EventKind.CLICK, shown_id, listing.position)])
    return listing


def record_started(
    services: Services, slate_id: UUID, listings: Iterable[ShownListing], *, clicked: bool
) -> None:
    """Keep that a request was begun for listings; ``clicked``: by following their links.

    A store that is away keeps nobody from going on.
    """
    kinds = [EventKind.CLICK] * clicked + [EventKind.REQUEST_STARTED]
    happened = [(kind, one.id, one.listing.position) for one in listings for kind in kinds]
    _keep_if_possible(services, slate_id, happened)


def _keep_if_possible(services: Services, slate_id: UUID, happened: Sequence[_Happened]) -> None:
    try:
        _keep(services, slate_id, happened)
    except Exception as error:  # noqa: BLE001 - whatever the database's client raises
        _log.warning("events_not_kept", error=type(error).__name__, events=len(happened))


def _keep(services: Services, slate_id: UUID, happened: Sequence[_Happened]) -> None:
    if not happened:
        return
    now = services.clock.now()
    events = [ServedEvent(new_id(now, services.randomness), *each) for each in happened]
    with services.unit_of_work() as work:
        work.slates.add_events(slate_id, events, now)
