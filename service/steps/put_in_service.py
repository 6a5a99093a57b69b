"""The one way a ranker comes to serve: through its gate. Command line, console and set-up use it.

There is no way around it (DESIGN invariant 10). The card that is read is the one in the ranker's
folder, which was verified when it was opened, never the database's copy.
"""

from dataclasses import dataclass
from datetime import datetime

from matcher.registry import ServedRanker
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
    current = work.publications.current()
    if not may_serve(ranker.provenance, production=what.production):
        raise ConflictError(say("ranker_simulated"))
    failed = failed_rows(ranker.card)
    if not what.back and current["ranker"] != ranker.version:
        failed += moved_rows(ranker.card, champion=current["ranker"], catalog=current["catalog"])
    if failed:
        raise GateError(ranker.version, failed)
    if current["ranker"] != ranker.version:
        work.publications.publish("ranker", ranker.version, what.by, what.reason, what.at)
    return current["ranker"]
