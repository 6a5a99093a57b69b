"""Schools that pay to be shown, and what their leads were charged."""

from collections import Counter
from typing import Any

from models.domain.caps import Caps
from tests.support.world import World


def unitid_of(listing: Any) -> int:
    return int(listing["school"]["id"].removeprefix("sch_"))


def sponsor(world: World, caps: Caps, *, organic: bool, listings: int = 1, **wish: Any) -> Any:
    """Search after a school with that many listings became a sponsor."""
    # Not among the first: a sponsored listing never stands at position 1.
    results = world.search(**wish)["results"]
    times = Counter(unitid_of(one) for one in results)
    chosen = next(one for one in results[3:] if times[unitid_of(one)] >= listings)
    organization = world.takes_requests(unitid_of(chosen), organic=organic)
    world.sponsors(organization, unitid_of(chosen), caps, chosen["program"])
    found = world.search(**wish)
    paid = [unitid_of(one) for one in found["results"] if one["sponsored"]]
    assert paid == [unitid_of(chosen)]
    return found


def prices(world: World, sent: Any = None) -> list[int | None]:
    assert sent is None or len(sent.json["leads"]) == 1
    rows = world.rows("SELECT price_minor FROM lead ORDER BY created_at, price_minor")
    return [row.price_minor for row in rows]
