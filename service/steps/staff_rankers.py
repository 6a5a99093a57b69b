"""What an operator does with rankers from a page; the command line goes through the same gate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matcher.registry import ServedRanker
from models.domain.challenge import MOST_SHARE, Challenge, Stage, running
from models.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TransitionError,
)
from models.domain.gate import GateError
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.publication import Publication, RankerRecord, previous_version
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps import put_in_service as gate
from service.steps.put_in_service import Publishing, put_in_service
from service.steps.staff_doors import staff_actor
from service.steps.staff_operating import checked_reason


@dataclass(frozen=True, slots=True)
class Rankers:
    """The rankers we know of, newest first; which serves, served before and challenges."""

    known: tuple[RankerRecord, ...]
    champion: str | None
    before: str | None
    challenge: Challenge | None
    history: tuple[Publication, ...]

    def named(self, version: str) -> RankerRecord:
        """Find one of them.

        Raises:
            NotFoundError: when there is none of that version.
        """
        found = next((one for one in self.known if one.version == version), None)
        if found is None:
            raise NotFoundError("there is no such ranker")
        return found


def rankers(services: Services) -> Rankers:
    """List the rankers."""
    with services.unit_of_work() as work:
        history = work.publications.history("ranker")
        return Rankers(
            work.publications.rankers(),
            work.publications.current()["ranker"],
            _before(work),
            running(work.publications.challenge()),
            history,
        )


def promote(services: Services, staff: Staff, version: str, reason: str) -> None:
    """Make a ranker the champion.

    Raises:
        InvalidInputError: when no reason is given.
        NotFoundError: when there is no such ranker.
        ConflictError: when it may not serve here, or has not passed its gate.
    """
    with services.unit_of_work() as work:
        _publish(services, work, staff, (version, checked_reason(reason)), back=False)


def roll_back(services: Services, staff: Staff, reason: str) -> None:
    """Make the champion before this one champion again.

    Raises:
        InvalidInputError: when no reason is given.
        ConflictError: when none served before, or it may not serve here.
    """
    with services.unit_of_work() as work:
        version = _before(work)
        if version is None:
            raise ConflictError(say("ranker_none_before"))
        _publish(services, work, staff, (version, checked_reason(reason)), back=True)


def challenge(
    services: Services, staff: Staff, version: str, to: tuple[Stage, float], reason: str
) -> None:
    """Let a ranker challenge the champion: in shadow, or drawing a share of the slates.

    Raises:
        InvalidInputError: when no reason is given, or the share makes no sense.
        NotFoundError: when there is no such ranker.
        ConflictError: as ``promote``, or when another challenges, or the stage cannot follow.
    """
    plain = checked_reason(reason)
    if to[0] is Stage.CANARY and not 0 < to[1] <= MOST_SHARE:
        raise InvalidInputError({"share": [say("share_range", most=int(MOST_SHARE))]})
    with services.unit_of_work() as work:
        ranker = _opened(services, work, version)
        what = _publishing(services, staff, plain)
        try:
            _through_gate(lambda: gate.challenge(work, ranker, to, what))
        except TransitionError as error:
            raise ConflictError(say("ranker_stage")) from error
        detail = {"share": to[1], "reason": plain}
        _record(work, staff, (f"ranker.{to[0]}", version), detail, what.at)


def stop(services: Services, staff: Staff, reason: str) -> None:
    """Take what is in shadow or canary out of both.

    Raises:
        InvalidInputError: when no reason is given.
        ConflictError: when nothing is.
    """
    plain = checked_reason(reason)
    with services.unit_of_work() as work:
        what = _publishing(services, staff, plain)
        version = gate.stop_challenge(work, what)
        if version is None:
            raise ConflictError(say("ranker_no_challenge"))
        _record(work, staff, ("ranker.stop", version), {"reason": plain}, what.at)


def _publish(
    services: Services, work: UnitOfWork, staff: Staff, what: tuple[str, str], *, back: bool
) -> None:
    version, reason = what
    if work.publications.current()["ranker"] == version:
        raise ConflictError(say("ranker_champion"))
    ranker = _opened(services, work, version)
    publishing = _publishing(services, staff, reason, back=back)
    before = _through_gate(lambda: put_in_service(work, ranker, publishing))
    action = "ranker.rollback" if back else "ranker.promote"
    detail = {"before": before, "reason": reason}
    _record(work, staff, (action, version), detail, publishing.at)


def _opened(services: Services, work: UnitOfWork, version: str) -> ServedRanker:
    if work.publications.ranker(version) is None:
        raise NotFoundError("there is no such ranker")
    catalog = work.publications.current()["catalog"]
    engine = None if catalog is None else services.serving.engine(catalog, version)
    if engine is None:
        raise ConflictError(say("ranker_files"))
    return engine.ranker


def _through_gate(move: Callable[[], str | None]) -> str | None:
    try:
        return move()
    except GateError as error:
        rows = "; ".join(row.said() for row in error.failed)
        raise ConflictError(say("ranker_gate", rows=rows)) from error


def _publishing(services: Services, staff: Staff, reason: str, *, back: bool = False) -> Publishing:
    now = services.clock.now()
    return Publishing(staff_actor(staff).name, reason, now, services.production, back=back)


def _record(
    work: UnitOfWork, staff: Staff, what: tuple[str, str], detail: Mapping[str, Any], at: datetime
) -> None:
    action, version = what
    work.organizations.record_audit(staff_actor(staff), action, version, detail, at)


def _before(work: UnitOfWork) -> str | None:
    history = work.publications.history("ranker")
    return previous_version(history) if history else None
