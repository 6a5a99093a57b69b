"""Which campaigns could pay for which of the programs found, and what each would be worth.

Only this module and ``allocate`` read campaigns; the organic order is made before either runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, UNKNOWN_ROW, VERDICTS, Catalog
from matcher.index import CatalogIndex
from matcher.retrieve import Found
from models.domain.levels import EducationLevel
from models.domain.matching import CampaignOffer

# What a cent is worth in US cents, to compare prices in two currencies; a campaign in any other
# does not compete. Published in docs/ranking.md, changed there and here together.
RATES: Mapping[str, float] = {"USD": 1.0, "CAD": 0.73}

_BELOW = VERDICTS.index("below")


@dataclass(frozen=True, slots=True)
class Claims:
    """The offers that fit a student, by school row, and the candidates at those schools.

    ``candidates`` int64 (m,): places in ``found.rows`` of every program of these schools.
    """

    by_school: Mapping[int, Sequence[CampaignOffer]]
    candidates: NDArray[np.int64]


def fits_student(catalog: Catalog, found: Found, offer: CampaignOffer) -> bool:
    """Whether an offer may compete for this student at all.

    Nobody without a diploma is sold as a lead, whatever a campaign says.
    """
    student = found.student
    state = catalog.regions[student.region] if student.region != UNKNOWN_ROW else None
    return (
        offer.open
        and offer.currency in RATES
        and student.level is not EducationLevel.NO_DIPLOMA
        and (not offer.education_levels or student.level in offer.education_levels)
        and (not offer.states or state in offer.states)
    )


def claims(
    catalog: Catalog, index: CatalogIndex, found: Found, offers: Sequence[CampaignOffer]
) -> Claims:
    """Find the programs found at schools with an offer that fits the student."""
    by_school: dict[int, list[CampaignOffer]] = {}
    for offer in offers:
        if fits_student(catalog, found, offer):
            for unitid in offer.unitids:
                row = index.school_row.get(unitid)
                if row is not None:
                    by_school.setdefault(row, []).append(offer)
    if not by_school:
        return Claims(by_school, np.empty(0, np.int64))
    pays = np.zeros(len(catalog.unitid), bool)
    pays[list(by_school)] = True
    return Claims(by_school, np.flatnonzero(pays[found.school]))


def covers(catalog: Catalog, offer: CampaignOffer, row: int) -> bool:
    """Whether a program is one of an offer's, given that its school is."""
    return (not offer.cips or catalog.cips[catalog.field[row]] in offer.cips) and (
        not offer.credential_levels
        or CREDENTIALS[catalog.credential[row]] in offer.credential_levels
    )


def may_be_lifted(catalog: Catalog, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether payment may move a program: never one whose graduates earn below the line."""
    return np.asarray(catalog.verdict[rows] != _BELOW)


def worth(offer: CampaignOffer) -> float:
    """What an accepted lead is worth to a slate, in US cents, slowed down by pacing."""
    return offer.price_minor * RATES[offer.currency] * offer.pacing


def standing_offers(
    catalog: Catalog, index: CatalogIndex, found: Found, offers: Sequence[CampaignOffer]
) -> tuple[CampaignOffer, ...]:
    """The offers that could stand on this slate, in their order: what the slate keeps."""
    claimed = claims(catalog, index, found, offers)
    rows = found.rows[claimed.candidates]
    standing = {
        offer.version_id
        for row in rows[may_be_lifted(catalog, rows)].tolist()
        for offer in claimed.by_school[int(catalog.school[row])]
        if covers(catalog, offer, row)
    }
    return tuple(offer for offer in offers if offer.version_id in standing)
