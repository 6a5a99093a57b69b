"""Why a listing stands where it stands: replayed from what was kept, for page and command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from matcher.describe import row_of
from matcher.match import Engine, why_excluded
from matcher.replay import Explanation, explain_listing, position_of, served_differently
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.listing_id import listing_id, read_position
from models.domain.matching import PAGE_SIZE, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import PageRecord

OpenEngine = Callable[[str, str], Engine | None]


@dataclass(frozen=True, slots=True)
class KeptSlate:
    """A slate with its pages as served."""

    slate: Slate
    pages: tuple[PageRecord, ...]


def find_slate(unit_of_work: UnitOfWorkFactory, slate_id: UUID) -> KeptSlate:
    """Read a slate.

    Raises:
        NotFoundError: when it is not in the database: not yet, not any more, or never.
    """
    with unit_of_work() as work:
        slate, pages = work.slates.get(slate_id), work.slates.pages(slate_id)
    if slate is None:
        raise NotFoundError(
            "There is no such slate in the database. One drawn in the last seconds arrives "
            "soon; an old one may have been dropped with its month."
        )
    return KeptSlate(slate, pages)


def explain(open_engine: OpenEngine, kept: KeptSlate, listing: str) -> dict[str, Any]:
    """Take a listing apart, or say why a program is not on the slate.

    Args:
        open_engine: opens a catalog and a ranker by their versions; None: they are not here.
        kept: the slate.
        listing: a listing's id, a position, or the id of a program (prog_…).

    Returns:
        Plain values; ``excluded`` where the program is not on the slate, else ``replay`` says
        whether the slate came out again as it was served: identical, different, not served yet.

    Raises:
        ConflictError: when the files of its versions are not here.
        InvalidInputError: when ``listing`` names nothing.
        NotFoundError: when the slate or the catalog has no such thing.
    """
    slate = kept.slate
    engine = open_engine(slate.catalog_version, slate.ranker_version)
    if engine is None:
        raise ConflictError(
            f"The files of catalog {slate.catalog_version} or ranker {slate.ranker_version} are "
            "not on this machine."
        )
    if listing.startswith("prog_"):
        row = row_of(engine.catalog, listing)
        if row is None:
            raise NotFoundError(f"Catalog {slate.catalog_version} has no program {listing}.")
        excluded = why_excluded(engine, slate.answers, row)
        if excluded is not None:
            return {"program": listing, "excluded": excluded}
        position = position_of(engine, slate, row)
    else:
        position = _position(listing)
    explanation = explain_listing(engine, slate, position)
    _check_id(slate, explanation, listing)
    return _document(slate, explanation, _served(kept.pages, explanation.listing.position))


def _position(listing: str) -> int:
    if listing.isascii() and listing.isdigit() and 0 < int(listing) < 1_000_000:
        return int(listing)
    return read_position(listing)


def _check_id(slate: Slate, explanation: Explanation, asked: str) -> None:
    found = explanation.listing
    if asked.startswith("lst_") and asked != listing_id(slate.id, found.position, found.program.id):
        raise InvalidInputError({"listing": [f"{asked} is not on this slate"]})


def _served(pages: tuple[PageRecord, ...], position: int) -> Mapping[str, Any] | None:
    number = (position - 1) // PAGE_SIZE + 1
    kept = (one for record in pages if record.page == number for one in record.listings)
    return next((one for one in kept if one["position"] == position), None)


def _document(
    slate: Slate, explanation: Explanation, served: Mapping[str, Any] | None
) -> dict[str, Any]:
    listing = explanation.listing
    different = served_differently(listing, served) if served is not None else ()
    replay = "not served yet" if served is None else "different" if different else "identical"
    return {
        "program": listing.program.id,
        "school": listing.school.name,
        "position": listing.position,
        "organic_position": listing.organic_position,
        "score": explanation.score,
        "program_part": explanation.program_part,
        "cross_part": explanation.cross_part,
        "p_request": explanation.probability,
        "relevance_floor": explanation.relevance_floor,
        "steering_index": explanation.steering_index,
        "allocation": explanation.decision,
        "bid": explanation.bid,
        "reasons": [note.code for note in listing.reasons],
        "features": [
            {"name": line.name, "code": line.code, "meaning": line.meaning, "adds": line.adds}
            for line in explanation.features
        ],
        "catalog": slate.catalog_version,
        "ranker": slate.ranker_version,
        "replay": replay,
        "different": list(different),
    }
