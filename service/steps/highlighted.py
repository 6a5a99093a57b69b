"""What schools say of their listings, put on cards and pages after everything else is decided."""

from collections import defaultdict

from models.domain.matching import Listing, Note
from models.domain.ports.unit_of_work import UnitOfWork
from service.services import Highlights


def standing(work: UnitOfWork) -> Highlights:
    """Read what stands, by school: for each, the field it is about and how it is said."""
    found: dict[int, list[tuple[str | None, Note]]] = defaultdict(list)
    for each in work.approvals.standing():
        found[each.unitid].append((each.cip, each.note()))
    return found


def with_highlights(listing: Listing, stands: Highlights) -> Listing:
    """Add to a listing what its school says; place, score and everything kept stay as they are."""
    said = said_of(stands, listing.program.unitid, listing.program.cip)
    return listing._replace(badges=(*listing.badges, *said)) if said else listing


def said_of(stands: Highlights, unitid: int, cip: str | None) -> tuple[Note, ...]:
    """Give what stands about a program; without a field, what stands about the whole school."""
    return tuple(note for about, note in stands.get(unitid, ()) if about in {None, cip})
