"""Turns places on a slate into listings with everything needed to show, explain and replay them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

import numpy as np
from numpy.typing import NDArray

from matcher import describe
from matcher.advice import advise
from matcher.allocate import Placed
from matcher.catalog import PRECISIONS, Catalog
from matcher.contributions import Breakdown
from matcher.explain import Cases, reasons
from matcher.geography import distance_miles
from matcher.said import badges as badges_of
from matcher.score import Ranked, request_row
from models.domain.matching import (
    PAGE_SIZE,
    Answers,
    Fact,
    Listing,
    MatchPage,
    Note,
    PlacePrecision,
    Program,
    School,
)

_PRECISIONS = tuple(PlacePrecision(name) for name in PRECISIONS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What listings are made from."""

    catalog: Catalog
    schools: Sequence[School]
    breakdown: Breakdown
    answers: Answers
    ranked: Ranked


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
    )


def make_listings(sheet: Sheet, placed: Sequence[tuple[int, Placed]]) -> tuple[Listing, ...]:
    """Make listings, each column read once for all of them."""
    if not placed:
        return ()
    catalog, ranked, student = sheet.catalog, sheet.ranked, sheet.ranked.found.student
    candidates = [place.candidate for _, place in placed]
    rows, cross = ranked.found.rows.take(candidates), ranked.cross.take(candidates)
    at = ranked.found.school.take(candidates)
    cases = Cases(
        answers=sheet.answers,
        programs=describe.programs(catalog, rows),
        schools=[sheet.schools[school] for school in at.tolist()],
        codes=sheet.breakdown.codes(rows, cross, student.codes),
        miles=_miles(sheet, at),
        verdict=catalog.verdict.take(rows).tolist(),
        completers=catalog.completers.take(rows).tolist(),
        earnings=catalog.earnings.take(rows).tolist(),
        threshold=catalog.threshold.take(rows).tolist(),
    )
    columns = zip(
        placed,
        cases.programs,
        cases.schools,
        ranked.scores.take(candidates).tolist(),
        cases.codes,
        cases.miles,
        catalog.place_precision.take(at).tolist(),
        describe.facts_of(catalog, rows),
        describe.warnings_of(catalog, rows),
        [badges_of(catalog, row) for row in rows.tolist()],
        reasons(cases, sheet.breakdown.added(request_row(student), rows, cross)),
        strict=True,
    )
    return tuple(starmap(_listing, columns))


def _listing(  # noqa: PLR0913, PLR0917 - one argument a column
    placed: tuple[int, Placed],
    program: Program,
    school: School,
    score: int,
    codes: tuple[int, ...],
    miles: float | None,
    precision: int,
    facts: tuple[Fact, ...],
    warnings: tuple[Note, ...],
    badges: tuple[Note, ...],
    why: tuple[Note, ...],
) -> Listing:
    position, place = placed
    return Listing(
        position=position,
        organic_position=place.organic_position,
        program=program,
        school=school,
        campaign_version_id=place.bid.offer.version_id if place.bid else None,
        score=score,
        codes=codes,
        propensity=1.0,
        distance_miles=miles,
        place_precision=_PRECISIONS[precision],
        facts=facts,
        warnings=warnings,
        badges=badges,
        reasons=why,
    )


def _miles(sheet: Sheet, schools: NDArray[np.int32]) -> list[float | None]:
    """Miles to a tenth; None where either place is not known to a city: never a guess."""
    origin = sheet.ranked.found.student.xyz
    if origin is None:
        return [None] * len(schools)
    exact = distance_miles(sheet.catalog.xyz.take(schools, axis=0), origin).tolist()
    return [None if math.isnan(value) else round(value, 1) for value in exact]
