"""Programs side by side: of a slate, where a listing may be sponsored, or by their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.services import Services
from service.steps.channels import is_fictional
from service.steps.programs import ProgramView, find_program
from service.steps.slates import draw_again, find_listings

# As many as can be read side by side.
MOST = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """A program to compare; ``listing_id`` where it comes from a slate, else ""."""

    view: ProgramView
    listing_id: str = ""
    sponsored: bool = False
    fictional: bool = False


def compare_programs(services: Services, program_ids: Sequence[str]) -> tuple[Compared, ...]:
    """Find programs by their ids, as many as can be compared.

    Raises:
        NotFoundError: when the catalog lacks one of them.
    """
    return tuple(Compared(find_program(services, one)) for one in program_ids[:MOST])


def compare_listings(
    services: Services, slate_id: UUID, listing_ids: Sequence[str]
) -> tuple[Compared, ...]:
    """Find listings of a slate, as many as can be compared, and say which are sponsored.

    Raises:
        InvalidInputError: when the slate is not kept any more, or has no such listing.
        NotFoundError: when the catalog that serves now lacks a program.
    """
    asked = tuple(listing_ids[:MOST])
    drawn = draw_again(services, slate_id)
    return tuple(
        Compared(
            find_program(services, listing.program.id),
            shown_id,
            listing.sponsored,
            is_fictional(listing.campaign_version_id, drawn.slate.offers),
        )
        for shown_id, listing in zip(asked, find_listings(drawn, asked), strict=True)
    )
