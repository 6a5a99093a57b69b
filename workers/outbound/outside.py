"""What the clients of all kinds are made from: the guarded ways out of one sender thread."""

from dataclasses import dataclass

from models.domain.clock import Clock
from models.outbound.http import HttpClient
from workers.outbound.ports import Files, Mail


@dataclass(frozen=True, slots=True)
class Outside:
    """One sender thread's ways to strangers; a client takes those it needs.

    ``mail`` is None where the operator has set up neither a relay nor a mailbox.
    """

    http: HttpClient
    clock: Clock
    files: Files
    mail: Mail | None = None
