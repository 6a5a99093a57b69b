"""What an operator does from a page: replay deliveries, look; and why, each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.domain.delivery import LOST, Attempt, DeliveryStatus, DeliverySummary
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.publication import CatalogRecord, Publication, RankerRecord
from models.domain.school_lead import AuditRow
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.replay_deliveries import replay_one, told_why
from service.steps.staff_doors import staff_actor

MOST_SHOWN = 100
_LONGEST_REASON = 500
_IN_TROUBLE = LOST | {DeliveryStatus.IN_DOUBT, DeliveryStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class Versions:
    """What was built, what serves, and everything that ever served."""

    catalogs: tuple[CatalogRecord, ...]
    rankers: tuple[RankerRecord, ...]
    catalog: str | None
    ranker: str | None
    history: tuple[Publication, ...]


def versions(services: Services) -> Versions:
    """Read what serves and what served."""
    with services.unit_of_work() as work:
        current = work.publications.current()
        history = (*work.publications.history("catalog"), *work.publications.history("ranker"))
        return Versions(
            work.publications.catalogs(),
            work.publications.rankers(),
            current["catalog"],
            current["ranker"],
            tuple(sorted(history, key=lambda row: row.at, reverse=True)[:MOST_SHOWN]),
        )


def troubled_deliveries(
    services: Services,
) -> list[tuple[DeliverySummary, Sequence[Attempt]]]:
    """List the deliveries that did not arrive, or not yet after a try, the newest first.

    Each with its tries.
    """
    with services.unit_of_work() as work:
        settled = work.deliveries.listed(_IN_TROUBLE, None, None, MOST_SHOWN)
        waiting = work.deliveries.listed({DeliveryStatus.PENDING}, None, None, MOST_SHOWN)
        tried = [each for each in waiting if each.attempts]
        found = sorted([*settled, *tried], key=lambda each: each.id, reverse=True)[:MOST_SHOWN]
        tries = work.deliveries.attempts([each.id for each in found])
    return [(each, tries.get(each.id, ())) for each in found]


def replay(services: Services, staff: Staff, delivery_id: UUID) -> None:
    """Send a settled delivery again as it was: same id, same bytes.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, a newer one took its place, or its
            destination was removed.
    """
    with services.unit_of_work() as work, told_why():
        replay_one(work, delivery_id, staff_actor(staff), services.clock.now())
    services.nudge()


def audit_tail(services: Services) -> tuple[tuple[AuditRow, ...], dict[str, str]]:
    """Read the newest audit rows, and the addresses of the staff by their shown ids."""
    with services.unit_of_work() as work:
        people = {show(Prefix.STAFF, one.id): one.email for one in work.staff.all()}
        return work.watch.audit_tail(MOST_SHOWN), people


def checked_reason(reason: str) -> str:
    """Read why something is done.

    Raises:
        InvalidInputError: when nothing is said, or too much.
    """
    plain = reason.strip()
    if not plain:
        raise InvalidInputError({"reason": [say("reason_empty")]})
    if len(plain) > _LONGEST_REASON:
        raise InvalidInputError({"reason": [say("too_long", most=_LONGEST_REASON)]})
    return plain
