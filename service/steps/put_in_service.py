"""The one way a ranker comes to serve: through its gate. Command line, console and set-up use it.

There is no way around it (DESIGN invariant 10). The card that is read is the one in the ranker's
folder, which was verified when it was opened, never the database's copy.
"""

from dataclasses import dataclass
from datetime import datetime

from matcher.registry import ServedRanker
from models.domain.challenge import Challenge, Stage, check_move, running
from models.domain.errors import ConflictError
from models.domain.gate import GateError, failed_rows, moved_rows
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.publication import may_serve
from service.said import say


@dataclass(frozen=True, slots=True)
class Publishing:
    """Who puts a ranker in service, why, when, and where.

    ``back`` says that it served before: what has changed since it was judged does not hold it up.
    """

    by: str
    reason: str
    at: datetime
    production: bool
    back: bool = False


def put_in_service(work: UnitOfWork, ranker: ServedRanker, what: Publishing) -> str | None:
    """Make an opened ranker the champion.

    Args:
        work: the transaction it happens in.
        ranker: opened, so its files are what was written.
        what: who, why, when and where.

    Returns:
        What served before; None when nothing did.

    Raises:
        GateError: when a row of its gate does not hold, or it was judged for something else.
        ConflictError: when it learned from simulated visitors and this is production.
        NotFoundError: when no such ranker was added.
    """
    current = _check(work, ranker, what)
    if current["ranker"] != ranker.version:
        work.publications.publish("ranker", ranker.version, what.by, what.reason, what.at)
        # Whatever challenged did so against another champion.
        stop_challenge(work, what)
    return current["ranker"]


def challenge(
    work: UnitOfWork, ranker: ServedRanker, to: tuple[Stage, float], what: Publishing
) -> None:
    """Move an opened ranker to shadow or canary: the same gate as for a champion.

    Args:
        work: the transaction it happens in.
        ranker: opened, so its files are what was written.
        to: ``SHADOW`` or ``CANARY``, and the share of the slates in per cent; 0 in shadow.
        what: who, why, when and where.

    Raises:
        GateError: as ``put_in_service``.
        ConflictError: as ``put_in_service``, or when another ranker challenges.
        TransitionError: when the stage cannot follow the present one.
    """
    _check(work, ranker, what)
    row = Challenge(ranker.version, *to, what.at, what.by, what.reason)
    check_move(work.publications.challenge(), work.publications.current()["ranker"], row)
    work.publications.set_challenge(row)


def stop_challenge(work: UnitOfWork, what: Publishing) -> str | None:
    """Make what challenges a candidate again; return it, None when nothing does."""
    now = running(work.publications.challenge())
    if now is None:
        return None
    row = Challenge(now.version, Stage.CANDIDATE, 0.0, what.at, what.by, what.reason)
    work.publications.set_challenge(row)
    return now.version


def _check(work: UnitOfWork, ranker: ServedRanker, what: Publishing) -> dict[str, str | None]:
    """Hold a ranker against its gate; return what serves and is published."""
    current = work.publications.current()
    if not may_serve(ranker.provenance, production=what.production):
        raise ConflictError(say("ranker_simulated"))
    failed = failed_rows(ranker.card)
    if not what.back and current["ranker"] != ranker.version:
        failed += moved_rows(ranker.card, champion=current["ranker"], catalog=current["catalog"])
    if failed:
        raise GateError(ranker.version, failed)
    return current
