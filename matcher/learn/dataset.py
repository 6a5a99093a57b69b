"""From the log to training examples: organic places only, codes as they were when served.

A listing is an example when it was on the screen: it has an impression or, where a page tells
none (ours does without JavaScript), the page with it was served. Sponsored places are left out, so
that nothing an organization pays for is a signal (DESIGN invariant 1). What does not fit together
is set aside and counted; a log with too much of that is refused.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, declarations_hash
from models.domain.errors import SchoolmatchError
from models.domain.matching import PAGE_SIZE, RequestChannel
from models.domain.slates import EventKind
from models.domain.training_log import LoggedEvent, LoggedPage

# More than this share set aside, and the log is not what we think it is.
MOST_SET_ASIDE = 0.2

_SIZES = tuple(feature.size for feature in FEATURES)
_Events = Mapping[tuple[UUID, int], set[EventKind]]


class UnusableLogError(SchoolmatchError):
    """The log cannot be learned from; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Listings that were on a screen, in organic places; n of them, by search.

    ``codes`` uint8 (n, features) as served; ``query`` int32 (n,) the search's row in
    ``Dataset.slates``; ``bucket`` int16 (n,) what its chance to be looked at depends on: its place
    on the page, plus ``PAGE_SIZE`` where the page told no impressions; ``propensity`` float64 (n,)
    the chance that it was drawn there; ``organic`` int32 (n,) its organic position; ``clicked``,
    ``requested``, ``could_ask`` bool (n,). For judging only, never for fitting: ``unitid`` int64
    (n,) the school, ``cip`` str (n,) its field, ``advertised`` bool (n,) whether that school stood
    in a sponsored place anywhere in the log.
    """

    codes: NDArray[np.uint8]
    query: NDArray[np.int32]
    bucket: NDArray[np.int16]
    propensity: NDArray[np.float64]
    organic: NDArray[np.int32]
    clicked: NDArray[np.bool_]
    requested: NDArray[np.bool_]
    could_ask: NDArray[np.bool_]
    unitid: NDArray[np.int64]
    cip: NDArray[np.str_]
    advertised: NDArray[np.bool_]

    def take(self, rows: NDArray[np.bool_]) -> "Examples":
        """Keep some of the rows."""
        return Examples(*(getattr(self, name)[rows] for name in self.__slots__))

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.query)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples and where they come from. ``accepted`` of ``requests``: all places, for pricing.

    ``slates`` are the searches, ``moments`` when each was served.
    """

    examples: Examples
    slates: tuple[UUID, ...]
    moments: tuple[datetime, ...]
    simulated: int
    first: datetime
    last: datetime
    requests: int
    accepted: int
    counts: Mapping[str, int]
    set_aside: Mapping[str, int]
    catalogs: tuple[str, ...]
    rankers: tuple[str, ...]
    fingerprint: str


def build_dataset(
    pages: Iterable[LoggedPage], events: Iterable[LoggedEvent], declarations: Mapping[str, str]
) -> Dataset:
    """Build examples from a log.

    Args:
        pages: pages as served, in the order of slates and pages.
        events: what happened to them.
        declarations: for each ranker that served, the hash of the feature declarations it was
            fitted on: codes kept under others mean something else.

    Raises:
        UnusableLogError: when nothing, or too little of it, can be used.
    """
    happened: defaultdict[tuple[UUID, int], set[EventKind]] = defaultdict(set)
    for event in events:
        happened[event.slate_id, event.position].add(event.kind)
    reader = _Reader(happened, declarations)
    for page in pages:
        reader.read(page)
    return reader.finish()


class _Reader:
    """Reads pages one after the other; rows of what will be columns grow in lists."""

    def __init__(self, happened: _Events, declarations: Mapping[str, str]) -> None:
        self._happened = happened
        self._declarations = declarations
        self._tell = {
            slate_id for (slate_id, _), kinds in happened.items() if EventKind.IMPRESSION in kinds
        }
        self._served: set[tuple[UUID, int]] = set()
        self._rows: list[tuple[int, int, float, int, bool, bool, bool, int, str]] = []
        self._codes: list[list[int]] = []
        self._queries: dict[UUID, int] = {}
        self._simulated: set[UUID] = set()
        self._moments: dict[UUID, datetime] = {}
        self._advertisers: set[int] = set()
        self._versions: set[tuple[str, str]] = set()
        self._pricing = Counter[str]()
        self._counts = Counter[str]()
        self._aside = Counter[str]()
        self._digest = hashlib.sha256()

    def read(self, page: LoggedPage) -> None:
        known = self._declarations.get(page.ranker_version) == declarations_hash()
        self._counts["pages"] += 1
        self._versions.add((page.catalog_version, page.ranker_version))
        for listing in page.listings:
            place = (page.slate_id, int(listing["position"]))
            self._served.add(place)
            kinds = self._happened.get(place, set())
            self._pricing["requests"] += EventKind.REQUEST in kinds
            self._pricing["accepted"] += {EventKind.REQUEST, EventKind.ACCEPTED} <= kinds
            if listing["campaign_version_id"] is not None:
                self._counts["sponsored_places_left_out"] += 1
                self._advertisers.add(_school_and_field(listing)[0])
            elif self._seen(page, kinds):
                reason = None if known else "other_features"
                self._keep(page, listing, kinds, reason or _wrong(listing))

    def _seen(self, page: LoggedPage, kinds: set[EventKind]) -> bool:
        if page.slate_id not in self._tell or EventKind.IMPRESSION in kinds:
            return True
        if kinds:
            self._aside["click_or_request_without_impression"] += 1
        return False

    def _keep(
        self,
        page: LoggedPage,
        listing: Mapping[str, Any],
        kinds: set[EventKind],
        wrong: str | None,
    ) -> None:
        self._counts["seen"] += 1
        if wrong is not None:
            self._aside[wrong] += 1
            return
        codes: list[int] = listing["codes"]
        bucket = (listing["position"] - 1) % PAGE_SIZE
        bucket += 0 if page.slate_id in self._tell else PAGE_SIZE
        requested = EventKind.REQUEST in kinds
        clicked = requested or EventKind.CLICK in kinds
        could = requested or listing.get("request") == RequestChannel.HERE
        query = self._queries.setdefault(page.slate_id, len(self._queries))
        if page.simulated:
            self._simulated.add(page.slate_id)
        self._moments.setdefault(page.slate_id, page.created_at)
        self._codes.append(codes)
        kept = (query, bucket, float(listing["propensity"]), int(listing["organic_position"]))
        self._rows.append((*kept, clicked, requested, could, *_school_and_field(listing)))
        self._digest.update(repr((page.slate_id.hex, codes, *kept, clicked, requested)).encode())

    def finish(self) -> Dataset:
        self._aside["event_of_a_listing_not_served"] = sum(
            place not in self._served for place in self._happened
        )
        self._check()
        columns = list(zip(*self._rows, strict=True))
        yes = np.bool_
        kinds = (np.int32, np.int16, np.float64, np.int32, yes, yes, yes, np.int64, np.str_)
        arrays: list[Any] = [np.array(c, kind) for c, kind in zip(columns, kinds, strict=True)]
        arrays.append(np.isin(arrays[-2], sorted(self._advertisers)))
        examples = Examples(np.array(self._codes, np.uint8), *arrays)
        catalogs, rankers = zip(*sorted(self._versions), strict=True)
        return Dataset(
            examples=examples,
            slates=tuple(self._queries),
            moments=tuple(self._moments.values()),
            simulated=len(self._simulated),
            first=min(self._moments.values()),
            last=max(self._moments.values()),
            requests=self._pricing["requests"],
            accepted=self._pricing["accepted"],
            counts={
                **self._counts,
                "searches": len(self._queries),
                "examples": len(examples),
                "clicks": int(examples.clicked.sum()),
                "requests": int(examples.requested.sum()),
            },
            set_aside={reason: count for reason, count in sorted(self._aside.items()) if count},
            catalogs=tuple(sorted(set(catalogs))),
            rankers=tuple(sorted(set(rankers))),
            fingerprint=self._digest.hexdigest()[:16],
        )

    def _check(self) -> None:
        told = ", ".join(f"{n:,} {reason}" for reason, n in sorted(self._aside.items()) if n)
        if not self._rows:
            why = f"Set aside: {told}." if told else "Nobody has searched yet."
            raise UnusableLogError(f"The log holds nothing to learn from. {why}")
        aside = sum(self._aside.values())
        if aside > MOST_SET_ASIDE * (len(self._rows) + aside):
            raise UnusableLogError(
                f"The log is spoiled: {aside:,} of {len(self._rows) + aside:,} rows do not fit "
                f"together ({told}). Find out why before training on the rest."
            )


def _school_and_field(listing: Mapping[str, Any]) -> tuple[int, str]:
    """Read a listing's unitid and field off its program's id; 0 and nothing where it has none."""
    parts = str(listing.get("program_id", "")).removeprefix("prog_").split(".")
    unitid = int(parts[0]) if parts[0].isdecimal() else 0
    return unitid, parts[1] if len(parts) > 1 else ""


def _wrong(listing: Mapping[str, Any]) -> str | None:
    """Name what is wrong with a listing as kept; None when nothing is."""
    codes = listing.get("codes")
    if not isinstance(codes, list) or len(codes) != len(_SIZES):
        return "codes_missing"
    if not all(
        isinstance(code, int) and 0 <= code < size for code, size in zip(codes, _SIZES, strict=True)
    ):
        return "codes_out_of_range"
    propensity = listing.get("propensity")
    if not isinstance(propensity, float | int) or not 0 < propensity <= 1:
        return "propensity_out_of_range"
    return None
