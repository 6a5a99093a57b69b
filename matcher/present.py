"""Turns places on a slate into listings with everything needed to show, explain and replay them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher import describe
from matcher.advice import advise
from matcher.allocate import Placed
from matcher.catalog import PRECISIONS, Catalog
from matcher.contributions import contributions
from matcher.explain import Case, reasons
from matcher.features.compute import codes
from matcher.geography import distance_miles
from matcher.registry import Scores
from matcher.score import Ranked, request_row
from models.domain.matching import PAGE_SIZE, Answers, Listing, MatchPage, PlacePrecision

_PRECISIONS = tuple(PlacePrecision(name) for name in PRECISIONS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What listings are made from."""

    catalog: Catalog
    scores: Scores
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
    """Make listings, with features computed for all of them at once."""
    catalog, found = sheet.catalog, sheet.ranked.found
    candidates = [place.candidate for _, place in placed]
    rows = found.rows[candidates]
    table = codes(catalog, found.student, rows).tolist()
    cases = [
        Case(catalog, row, describe.program(catalog, row), tuple(own), miles, sheet.answers)
        for row, own, miles in zip(rows.tolist(), table, _miles(sheet, candidates), strict=True)
    ]
    return tuple(
        _listing(sheet, position, place, case)
        for (position, place), case in zip(placed, cases, strict=True)
    )


def _listing(sheet: Sheet, position: int, placed: Placed, case: Case) -> Listing:
    catalog, ranked, row = sheet.catalog, sheet.ranked, case.row
    school = int(catalog.school[row])
    request = request_row(ranked.found.student)
    added = contributions(sheet.scores, request, row, int(ranked.cross[placed.candidate]))
    return Listing(
        position=position,
        organic_position=placed.organic_position,
        program=case.program,
        school=describe.school(catalog, school),
        campaign_version_id=placed.bid.offer.version_id if placed.bid else None,
        score=int(ranked.scores[placed.candidate]),
        codes=case.codes,
        propensity=1.0,
        distance_miles=case.miles,
        place_precision=_PRECISIONS[catalog.place_precision[school]],
        facts=describe.facts(catalog, row),
        warnings=describe.warnings(catalog, row),
        badges=describe.badges(catalog, row),
        reasons=reasons(case, added),
    )


def _miles(sheet: Sheet, candidates: Sequence[int]) -> list[float | None]:
    """Miles to a tenth; None where either place is not known to a city: never a guess."""
    found = sheet.ranked.found
    if found.student.xyz is None:
        return [None] * len(candidates)
    points = sheet.catalog.xyz[found.school[list(candidates)]]
    exact = distance_miles(points, found.student.xyz).tolist()
    return [None if np.isnan(value) else round(value, 1) for value in exact]
