"""What every step, endpoint and page may lean on, in one container that the wiring fills."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from uuid import UUID

from matcher.fields import FieldIndex
from matcher.match import Engine
from models.domain.challenge import Challenge
from models.domain.clock import Clock
from models.domain.destination import TakesRequests
from models.domain.errors import UnavailableError
from models.domain.guarding import GuardRules
from models.domain.matching import CampaignOffer, Note, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.publisher import Publisher
from models.domain.request import AcceptedRequest, NewRequest
from models.domain.slates import PageRecord
from models.domain.tokens import TokenSigner
from models.proof.signing import Signer

# Keeps a submission, or tells None.
AcceptAtOnce = Callable[[NewRequest], AcceptedRequest | None]
# What schools say of their listings, by unitid: the field it is about (None: all), and the words.
Highlights = Mapping[int, Sequence[tuple[str | None, Note]]]


@dataclass(frozen=True, slots=True)
class ServingState:
    """What serves at this moment; replaced as a whole, never changed.

    ``taking`` maps unitids to who takes their requests here; ``simulated`` says that the ranker
    learned from simulated visitors.
    """

    engine: Engine
    catalog_version: str
    ranker_version: str
    simulated: bool
    offers: tuple[CampaignOffer, ...]
    taking: Mapping[int, TakesRequests]
    publishers: Mapping[UUID, Publisher] = field(default_factory=dict)
    canary: Challenge | None = None
    canary_engine: Engine | None = None
    highlights: Highlights = field(default_factory=dict)

    def drawing(self, seed: int) -> tuple[Engine, str]:
        """The engine, and its ranker's version, that draw the slate of a seed."""
        if self.canary is None or self.canary_engine is None or not self.canary.draws(seed):
            return self.engine, self.ranker_version
        return self.canary_engine, self.canary.version

    @property
    def demonstrates(self) -> tuple[str, ...]:
        """What of it is a demonstration, as codes of notes; empty where nothing is."""
        holds = {
            "simulated_ranker": self.simulated,
            "fictional_sponsors": any(offer.fictional for offer in self.offers),
        }
        return tuple(code for code in holds if holds[code])


class ServingSource(Protocol):
    """Knows what serves, and keeps the engines of recent versions."""

    def state(self) -> ServingState:
        """Return what serves now.

        Raises:
            UnavailableError: when no catalog and ranker could be opened yet.
        """
        ...

    def engine(self, catalog_version: str, ranker_version: str) -> Engine | None:
        """Return the engine of those versions, or None when their files are not here."""
        ...


class SlateKeeper(Protocol):
    """Keeps slates for their readers and counts what each address asks."""

    def keeping(
        self, slate: Slate, page: PageRecord, *, new: bool, address: str
    ) -> AbstractContextManager[None]:
        """Store a slate and a page as served, while they are drawn.

        They are stored when the block is left, and may be answered only then.

        Raises:
            RateLimitError: when the address asked too much; nothing is stored then.
        """
        ...

    def find(self, slate_id: UUID) -> Slate | None:
        """Return a slate that was served, or None when it is not known or has ended."""
        ...

    def admit(self, address: str) -> None:
        """Count a request that serves no slate.

        Raises:
            RateLimitError: when the address asked too much.
        """
        ...

    def answers(self) -> bool:
        """Tell whether the cache answers now; slates are kept without it, more slowly."""
        ...


class Counted(NamedTuple):
    """Something that is counted, in a window of so many seconds."""

    name: str
    seconds: int


class SendingCounter(Protocol):
    """Counts what was sent lately."""

    def count(self, things: Sequence[Counted]) -> Sequence[int]:
        """Count one more of each, and return how many of each there are in its window now."""
        ...


class SignInClient(Protocol):
    """Asks organizations' own sign-ins."""

    def get(self, url: str) -> bytes:
        """Fetch a document.

        Raises:
            UnavailableError: when none came.
        """
        ...

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> bytes:
        """Send a form and read the answer.

        Raises:
            UnavailableError: when none came.
        """
        ...


class NoSignIns:
    """Reaches none."""

    def get(self, url: str) -> bytes:
        """Say that nothing came."""
        raise UnavailableError(f"the sign-in at {url}")

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> bytes:  # noqa: ARG002
        """Say that nothing came."""
        raise UnavailableError(f"the sign-in at {url}")


class Uncounted:
    """Counts nothing: each is the first of its kind."""

    def count(self, things: Sequence[Counted]) -> Sequence[int]:
        """Say of each that it is the first."""
        return [1 for _ in things]


def _no_nudge() -> None:
    return None


def never_at_once(_: NewRequest) -> None:
    """Let every submission be weighed."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a step takes that is not an answer; ``app.extensions["schoolmatch"]``.

    ``explore_share`` of new slates let neighbours change places by chance, 0 to 1. Requests are
    kept for ``retention_days``, searches for ``search_days``, 0: for good. ``guard`` says what is
    asked of a form that is sent, ``counts`` knows what was sent lately, ``signers`` sign packs.
    ``accept_at_once`` keeps a submission if nothing must be weighed before, else it tells None.
    """

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    serving: ServingSource
    fields: FieldIndex
    slates: SlateKeeper
    tokens: TokenSigner
    public_url: str
    production: bool
    secret_key: bytes
    explore_share: float = 0.0
    retention_days: int = 0
    search_days: int = 0
    guard: GuardRules = field(default_factory=GuardRules)
    counts: SendingCounter = field(default_factory=Uncounted)
    signers: Sequence[Signer] = ()
    identity: SignInClient = field(default_factory=NoSignIns)
    accept_at_once: AcceptAtOnce = never_at_once
    nudge: Callable[[], None] = _no_nudge
    nudge_training: Callable[[], None] = _no_nudge
    randomness: Callable[[int], bytes] = field(default=os.urandom)
