"""What a log becomes: examples for the organic ranker, and others for prices.

The organic ranker learns from organic places only, and from impressions, clicks and requests only,
so that nothing an organization pays for and nothing a school decides is a signal (DESIGN
invariant 1). Pricing may see sponsored places and acceptances too, and orders nothing.
``dataset_sql`` says what an example is; ``dataset_build`` makes these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from models.domain.errors import SchoolmatchError

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


class UnusableLogError(SchoolmatchError):
    """The log cannot be learned from; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Listings that were on a screen, in organic places; n of them, by search and place.

    ``codes`` uint8 (n, features) as served; ``query`` int32 (n,) the search's row in
    ``Dataset.slates``; ``bucket`` int16 (n,) what its chance to be looked at depends on: its place
    on the page, plus ``PAGE_SIZE`` where the page told no impressions; ``propensity`` float64 (n,)
    the chance that it was drawn there; ``organic`` int32 (n,) its organic position; ``clicked``,
    ``requested``, ``could_ask`` bool (n,). For judging only, never for fitting: ``unitid`` int64
    (n,) the school, ``cip`` str (n,) its field, ``advertised`` bool (n,) whether that school stood
    in a sponsored place anywhere in the log.

    ``weight`` float64 (n,): how many listings it stands for. Of older searches in which nothing
    was clicked some are left out whole and the others stand for them; multiply it into every sum
    over examples. It is one number for a search, and 1 where something was clicked, for the
    searches that judge, and where none is given. ``plain`` int32 (n,) the organic position had
    chance drawn nothing, ``explored`` bool (n,) whether chance drew; where none is given
    ``organic`` and False.
    """

    codes: NDArray[np.uint8]
    query: NDArray[np.int32]
    bucket: NDArray[np.int16]
    propensity: Numbers
    organic: NDArray[np.int32]
    clicked: Flags
    requested: Flags
    could_ask: Flags
    unitid: NDArray[np.int64]
    cip: NDArray[np.str_]
    advertised: Flags
    weight: Numbers = field(default_factory=lambda: np.ones(0))
    plain: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    explored: Flags = field(default_factory=lambda: np.zeros(0, bool))

    def __post_init__(self) -> None:
        """Fill the columns that were not given."""
        given = {"weight": np.ones(len(self)), "plain": self.organic, "explored": self.query < 0}
        for name, values in given.items():
            if not len(getattr(self, name)):
                object.__setattr__(self, name, values)

    def take(self, rows: Flags) -> "Examples":
        """Keep some of the rows."""
        return Examples(*(getattr(self, each.name)[rows] for each in fields(self)))

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.query)


@dataclass(frozen=True, slots=True)
class Priced:
    """Listings that were on a screen, in any place; n of them: what prices are made from.

    ``codes``, ``query``, ``bucket``, ``clicked``, ``requested``, ``could_ask`` and ``weight`` as
    ``Examples`` has them. ``sponsored`` bool (n,) whether a campaign put it there; ``accepted``
    bool (n,) whether the school took what it was asked; ``settled`` bool (n,) whether that can be
    known by now: of a request without an answer nobody knows until the window for one has passed.
    """

    codes: NDArray[np.uint8]
    query: NDArray[np.int32]
    bucket: NDArray[np.int16]
    clicked: Flags
    requested: Flags
    could_ask: Flags
    weight: Numbers
    sponsored: Flags
    accepted: Flags
    settled: Flags

    def take(self, rows: Flags) -> "Priced":
        """Keep some of the rows."""
        return Priced(*(getattr(self, each.name)[rows] for each in fields(self)))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.query)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples and where they come from.

    ``slates`` are the searches with an example, by id, ``moments`` when each was served,
    ``judges`` bool (searches,) whether it is one of the newest, that judge and never teach.
    ``origins``: searches by who served them. ``counts`` are of the log; ``set_aside`` what does not
    fit together, by reason.
    """

    examples: Examples
    priced: Priced
    slates: tuple[UUID, ...]
    moments: tuple[datetime, ...]
    judges: Flags
    simulated: int
    origins: Mapping[str, int]
    first: datetime
    last: datetime
    counts: Mapping[str, int]
    set_aside: Mapping[str, int]
    catalogs: tuple[str, ...]
    rankers: tuple[str, ...]
    fingerprint: str
