"""Finding a slate that was served, and drawing it again as it was."""

from dataclasses import dataclass
from uuid import UUID

from matcher import match
from matcher.match import Draw, Engine
from models.domain.errors import InvalidInputError
from models.domain.listing_id import listing_id, read_position
from models.domain.matching import PAGE_SIZE, Listing, Slate
from service.said import Said, say, shorten
from service.services import Services


@dataclass(frozen=True, slots=True)
class Drawn:
    """A slate with the engine of its versions and its one draw."""

    slate: Slate
    engine: Engine
    draw: Draw


def draw_again(services: Services, slate_id: UUID) -> Drawn:
    """Find a slate and draw it as it was, with the versions it names.

    Raises:
        InvalidInputError: when it is not known, or its versions are not here any more.
    """
    slate = services.slates.find(slate_id)
    if slate is not None:
        engine = services.serving.engine(slate.catalog_version, slate.ranker_version)
        if engine is not None:
            return Drawn(slate, engine, match.draw(engine, slate))
    raise InvalidInputError({"slate_id": [say("slate_unknown")]})


def find_listings(drawn: Drawn, shown_ids: tuple[str, ...]) -> tuple[Listing, ...]:
    """Find the listings that ids name, in the order given.

    Raises:
        InvalidInputError: naming each id that is not of this slate.
    """
    pages: dict[int, dict[str, Listing]] = {}
    found: list[Listing] = []
    wrong: dict[str, list[Said]] = {}
    for place, shown in enumerate(shown_ids):
        listing = _find(drawn, shown, pages)
        if listing is None:
            wrong[f"listing_ids.{place}"] = [say("listing_unknown", listing=shorten(shown))]
        else:
            found.append(listing)
    if wrong:
        raise InvalidInputError(wrong)
    return tuple(found)


def _find(drawn: Drawn, shown: str, pages: dict[int, dict[str, Listing]]) -> Listing | None:
    try:
        number = (read_position(shown) - 1) // PAGE_SIZE + 1
    except InvalidInputError:
        return None
    if number not in pages:
        pages[number] = {
            listing_id(drawn.slate.id, each.position, each.program.id): each
            for each in match.page(drawn.engine, drawn.draw, number).listings
        }
    return pages[number].get(shown)
