"""What a visitor did with a slate: impressions and clicks, tied to slate and position."""

from uuid import UUID

from models.domain.ids import new_id
from models.domain.slates import ServedEvent
from service.services import Services
from service.steps.inputs import EventInput
from service.steps.slates import draw_again, find_listings


def record_events(services: Services, slate_id: UUID, events: tuple[EventInput, ...]) -> int:
    """Keep events, and return how many were kept.

    Raises:
        InvalidInputError: when the slate is not known, or a listing is not of it.
    """
    drawn = draw_again(services, slate_id)
    listings = find_listings(drawn, tuple(event.listing_id for event in events))
    now = services.clock.now()
    happened = [
        ServedEvent(
            new_id(now, services.randomness), event.kind, event.listing_id, listing.position
        )
        for event, listing in zip(events, listings, strict=True)
    ]
    with services.unit_of_work() as work:
        work.slates.add_events(slate_id, happened, now)
    return len(happened)
