"""Which campaigns could pay for which of the programs found, and what each would be worth.

Only this module, ``bids`` and ``allocate`` read campaigns; the organic order is made before any of
them runs.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, UNKNOWN_ROW, VERDICTS, Catalog
from matcher.index import CatalogIndex
from matcher.retrieve import Found
from matcher.surroundings import IN_RANGE
from models.domain.levels import EducationLevel
from models.domain.matching import CampaignOffer

# What a cent is worth in US cents, to compare prices in two currencies; a campaign in any other
# does not compete. Published in docs/ranking.md, changed there and here together.
RATES: Mapping[str, float] = {"USD": 1.0, "CAD": 0.73}

_BELOW = VERDICTS.index("below")


@dataclass(frozen=True, slots=True)
class OfferBook:
    """Offers as they are looked up for one student after another: by the state they want.

    ``places`` are of offers that may compete, in ``offers``: those for every state, and by state.
    """

    offers: Sequence[CampaignOffer]
    everywhere: Sequence[int]
    by_state: Mapping[str, Sequence[int]]

    def for_state(self, state: str | None) -> Iterable[CampaignOffer]:
        """The offers that want students of a state; None: whose state is not known."""
        there = self.by_state.get(state, ()) if state is not None else ()
        return (self.offers[place] for place in (*self.everywhere, *there))


def open_book(offers: Sequence[CampaignOffer]) -> OfferBook:
    """Sort offers by the states they want; those that cannot compete are left out."""
    everywhere: list[int] = []
    by_state: dict[str, list[int]] = {}
    for place, offer in enumerate(offers):
        if offer.open and offer.currency in RATES:
            for state in offer.states:
                by_state.setdefault(state, []).append(place)
            if not offer.states:
                everywhere.append(place)
    return OfferBook(offers, everywhere, by_state)


@dataclass(frozen=True, slots=True)
class Claims:
    """The offers that fit a student, by school row, and the candidates at those schools.

    ``candidates`` int64 (m,): places in ``found.rows`` of every program of these schools; ``slot``
    int16 (m,): the place of each one's school in ``by_school``.
    """

    by_school: Mapping[int, Sequence[CampaignOffer]]
    candidates: NDArray[np.int64]
    slot: NDArray[np.int16]


_NO_CLAIMS = Claims({}, np.empty(0, np.int64), np.empty(0, np.int16))


def claims(catalog: Catalog, index: CatalogIndex, found: Found, book: OfferBook) -> Claims:
    """Find the programs found at schools with an offer that fits the student."""
    by_school: dict[int, list[CampaignOffer]] = {}
    for offer in _fitting(catalog, found, book):
        for unitid in offer.unitids:
            row = index.school_row.get(unitid)
            if row is not None:
                by_school.setdefault(row, []).append(offer)
    if not by_school:
        return _NO_CLAIMS
    slots = np.full(len(catalog.unitid), -1, np.int16)
    slots[list(by_school)] = np.arange(len(by_school), dtype=np.int16)
    slot = slots.take(found.school, mode=IN_RANGE)
    candidates = np.flatnonzero(slot >= 0)
    return Claims(by_school, candidates, slot.take(candidates))


def _fitting(catalog: Catalog, found: Found, book: OfferBook) -> Iterator[CampaignOffer]:
    """The offers that may compete for this student at all.

    Nobody without a diploma is sold as a lead, whatever a campaign says.
    """
    student = found.student
    if student.level is EducationLevel.NO_DIPLOMA:
        return
    state = catalog.regions[student.region] if student.region != UNKNOWN_ROW else None
    for offer in book.for_state(state):
        if not offer.education_levels or student.level in offer.education_levels:
            yield offer


def takes_all(offer: CampaignOffer) -> bool:
    """Whether an offer wants every program of its schools."""
    return not offer.cips and not offer.credential_levels


def covers(catalog: Catalog, offer: CampaignOffer, row: int) -> bool:
    """Whether a program is one of an offer's, given that its school is."""
    return (not offer.cips or catalog.cips[catalog.field[row]] in offer.cips) and (
        not offer.credential_levels
        or CREDENTIALS[catalog.credential[row]] in offer.credential_levels
    )


def may_be_lifted(catalog: Catalog, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether payment may move a program: never one whose graduates earn below the line."""
    return np.asarray(catalog.verdict.take(rows) != _BELOW)


def worth(offer: CampaignOffer) -> float:
    """What an accepted lead is worth to a slate, in US cents, slowed down by pacing."""
    return offer.price_minor * RATES[offer.currency] * offer.pacing


def standing_offers(
    catalog: Catalog, index: CatalogIndex, found: Found, book: OfferBook
) -> tuple[tuple[CampaignOffer, ...], Claims]:
    """Find the offers that could stand on this slate.

    Returns:
        The offers in their order, which the slate keeps, and what they alone claim.
    """
    claimed = claims(catalog, index, found, book)
    if not len(claimed.candidates):
        return (), _NO_CLAIMS
    rows = found.rows.take(claimed.candidates)
    lifted = may_be_lifted(catalog, rows)
    rows, slot = rows[lifted], claimed.slot[lifted]
    counts = np.bincount(slot, minlength=len(claimed.by_school)).tolist()
    # By identity: every one of them is an object of the book.
    standing = {
        id(offer)
        for place, offers in enumerate(claimed.by_school.values())
        if counts[place]
        for offer in offers
        if takes_all(offer)
        or any(covers(catalog, offer, row) for row in rows[slot == place].tolist())
    }
    stand = tuple(offer for offer in book.offers if id(offer) in standing)
    return stand, _only(claimed, standing)


def _only(claimed: Claims, standing: Container[int]) -> Claims:
    """What some of the offers claim, by their identities."""
    by_school: dict[int, Sequence[CampaignOffer]] = {}
    slots = np.full(len(claimed.by_school), -1, np.int16)
    for place, (school, offers) in enumerate(claimed.by_school.items()):
        kept = [offer for offer in offers if id(offer) in standing]
        if kept:
            slots[place] = len(by_school)
            by_school[school] = kept
    if len(by_school) == len(claimed.by_school):
        return Claims(by_school, claimed.candidates, claimed.slot)
    slot = slots.take(claimed.slot)
    still = slot >= 0
    return Claims(by_school, claimed.candidates[still], slot[still])
