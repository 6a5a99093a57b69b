"""An organization reads its feed: everything after a cursor, in an order that skips nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.errors import ForbiddenError, InvalidInputError
from models.domain.feed import read_cursor, write_cursor
from models.domain.organization import ApiKeyHolder, Scope
from models.exchange.feed_item import feed_item
from service.services import Services


@dataclass(frozen=True, slots=True, repr=False)
class FeedPage:
    """Items in order; ``next_cursor`` reads on after them, now or later."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str
    more: bool


def read_feed(services: Services, holder: ApiKeyHolder, cursor: str | None, limit: int) -> FeedPage:
    """Read what comes after a cursor.

    Args:
        services: the outside.
        holder: whose key came with it.
        cursor: a ``next_cursor``; None begins at the beginning.
        limit: how many items at most.

    Raises:
        ForbiddenError: when the key may not read leads.
        InvalidInputError: when the cursor is none of ours, or ahead of the feed.
    """
    if Scope.READ_LEADS not in holder.scopes:
        raise ForbiddenError(f"This API key lacks the scope {Scope.READ_LEADS}.")
    seen = {} if cursor is None else read_cursor(cursor)
    with services.unit_of_work() as work:
        heads = work.feeds.heads(holder.organization_id)
        places = _places(seen, heads)
        entries = work.feeds.after(places, limit + 1)
    shown = entries[:limit]
    for entry in shown:
        places[entry.destination_id] = entry.sequence
    return FeedPage(
        tuple(map(feed_item, shown)), write_cursor(_begun(places)), more=len(entries) > limit
    )


def _places(seen: Mapping[UUID, int], heads: Mapping[UUID, int]) -> dict[UUID, int]:
    """Find where to read on, destination by destination; others' destinations say nothing."""
    if any(number > heads[each] for each, number in seen.items() if each in heads):
        # Going on from there would pass over what is still to come up to that number.
        raise InvalidInputError(
            {"cursor": ["This cursor is ahead of the feed; leave it out to begin again."]}
        )
    return {each: seen.get(each, 0) for each in heads}


def _begun(places: Mapping[UUID, int]) -> dict[UUID, int]:
    return {each: number for each, number in places.items() if number > 0}
