"""Turns places on a slate into listings with everything needed to show, explain and replay them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher import describe
from matcher.advice import advise
from matcher.allocate import Placed
from matcher.catalog import PRECISIONS, Catalog
from matcher.contributions import Breakdown
from matcher.explain import Cases, Distance, reasons
from matcher.explore import Arrangement
from matcher.figures import facts_of, read_figures
from matcher.geography import distance_miles
from matcher.said import badges as badges_of
from matcher.score import Ranked, request_row
from matcher.surroundings import UNSURE_MILES
from models.domain.matching import (
    PAGE_SIZE,
    Answers,
    FactKind,
    Listing,
    MatchPage,
    PlacePrecision,
    School,
    make_each,
)

_PRECISIONS = tuple(PlacePrecision(name) for name in PRECISIONS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What listings are made from."""

    catalog: Catalog
    schools: Sequence[School]
    fact_kinds: Sequence[tuple[FactKind, ...]]
    breakdown: Breakdown
    answers: Answers
    ranked: Ranked
    arrangement: Arrangement


def make_page(
    sheet: Sheet,
    number: int,
    placed: Sequence[tuple[int, Placed]],
    *,
    steering_index: float,
    sponsored_total: int,
) -> MatchPage:
    """Make one page of a slate from positions and what stands there."""
    found = sheet.ranked.found
    total = len(found.rows)
    return MatchPage(
        page=number,
        pages=math.ceil(total / PAGE_SIZE),
        total=total,
        sponsored_total=sponsored_total,
        format_known=found.format_known,
        steering_index=steering_index,
        listings=make_listings(sheet, placed),
        facets=found.facets,
        advice=advise(sheet.catalog, sheet.answers, found),
        explored=sheet.arrangement.explored,
        draw_propensity=sheet.arrangement.propensity,
    )


def make_listings(sheet: Sheet, placed: Sequence[tuple[int, Placed]]) -> tuple[Listing, ...]:
    """Make listings, each column read once for all of them."""
    if not placed:
        return ()
    catalog, ranked, student = sheet.catalog, sheet.ranked, sheet.ranked.found.student
    candidates = [place.candidate for _, place in placed]
    organic = [place.organic_position for _, place in placed]
    rows, cross = ranked.found.rows.take(candidates), ranked.cross.take(candidates)
    at = ranked.found.school.take(candidates)
    figures = read_figures(catalog, rows)
    cases = Cases(
        answers=sheet.answers,
        programs=describe.programs(catalog, rows),
        schools=[sheet.schools[school] for school in at.tolist()],
        codes=sheet.breakdown.codes(rows, cross, student.codes),
        distances=_distances(sheet, at),
        figures=figures,
    )
    numbers, (miles, precisions, nearby) = rows.tolist(), zip(*cases.distances, strict=True)
    warnings = describe.warnings_of(
        catalog, numbers, cases.schools, figures.verdict, figures.completers
    )
    # In the order of a listing's fields.
    columns = zip(
        [position for position, _ in placed],
        organic,
        cases.programs,
        cases.schools,
        [place.bid.offer.version_id if place.bid else None for _, place in placed],
        ranked.scores(candidates).tolist(),
        cases.codes,
        sheet.arrangement.propensities_of(organic),
        miles,
        precisions,
        facts_of(catalog, sheet.fact_kinds, rows, figures),
        warnings,
        [badges_of(catalog, row) if row in catalog.said_place else () for row in numbers],
        reasons(cases, sheet.breakdown.added(request_row(student), rows, cross)),
        nearby,
        sheet.arrangement.plain_positions(organic),
        strict=True,
    )
    return tuple(make_each(Listing, columns))


def _distances(sheet: Sheet, schools: NDArray[np.int32]) -> list[Distance]:
    """How far schools are, as well as we know where they are."""
    origin, catalog = sheet.ranked.found.student.xyz, sheet.catalog
    precisions = [_PRECISIONS[code] for code in catalog.place_precision.take(schools).tolist()]
    if origin is None:
        return [(None, precision, False) for precision in precisions]
    computed = distance_miles(catalog.xyz.take(schools, axis=0), origin).tolist()
    return list(map(_told, computed, precisions))


def _told(miles: float, precision: PlacePrecision) -> Distance:
    """Exact places to a tenth of a mile; others to ten, from where that says anything."""
    if math.isnan(miles):
        return None, precision, False
    if precision is PlacePrecision.EXACT:
        return round(miles, 1), precision, False
    if miles < UNSURE_MILES:
        return None, precision, True
    return 10.0 * math.floor(miles / 10 + 0.5), precision, False
