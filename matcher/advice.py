"""What a student should be told about a whole page of results."""

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.narrow import PLACE_NOT_PUBLISHED
from matcher.regions import REGIONS
from matcher.retrieve import Found
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers, Note, Sort


def advise(catalog: Catalog, answers: Answers, found: Found) -> tuple[Note, ...]:
    """Collect advice: codes and values, the most important first."""
    notes = [*_about_finding(answers, found), *_about_the_student(catalog, answers, found)]
    notes += [*_about_format(answers, found), *_about_distance(answers, found)]
    notes += _about_figures(catalog, answers, found)
    unplaced = _count_tier(found, PLACE_NOT_PUBLISHED)
    if unplaced:
        notes.append(Note("place_not_published", {"count": unplaced}))
    return tuple(notes)


def _about_finding(answers: Answers, found: Found) -> list[Note]:
    """When nothing is left: which narrowing removes most, or that the field has no such level."""
    if len(found.rows):
        return []
    widest = max(found.left_without.items(), key=lambda item: item[1], default=("", 0))
    if widest[1]:
        return [Note("nothing_found", {"filter": widest[0], "count": widest[1]})]
    if found.left_without:
        return [Note("nothing_found_with_filters")]
    level = str(answers.education_level)
    return [Note("nothing_open_in_field", {"education_level": level})]


def _about_the_student(catalog: Catalog, answers: Answers, found: Found) -> list[Note]:
    notes = []
    if answers.education_level is EducationLevel.NO_DIPLOMA:
        notes.append(Note("diploma_first"))
    elif not answers.fields and len(found.rows):
        notes.append(Note("popular_fields", {"count": len(found.fields)}))
    if found.student.country == "CA":
        notes.append(Note("figures_not_for_canada"))
        if len(found.rows) and not _any_canadian(catalog, found):
            notes.append(Note("only_us_programs"))
    return notes


def _about_format(answers: Answers, found: Found) -> list[Note]:
    known, total = found.format_known, len(found.rows)
    if answers.format is Format.EITHER or known == total:
        return []
    if known:
        return [Note("format_mostly_not_published", {"known": known, "total": total})]
    return [Note("format_not_published")]


def _about_distance(answers: Answers, found: Found) -> list[Note]:
    """When distances were asked for that cannot be measured."""
    asked = answers.max_distance_miles is not None or answers.sort is Sort.DISTANCE
    if not asked or found.student.xyz is not None:
        return []
    if answers.postal_code is None:
        return [Note("distance_needs_postal_code")]
    return [Note("postal_code_not_on_map", {"postal_code": answers.postal_code})]


def _about_figures(catalog: Catalog, answers: Answers, found: Found) -> list[Note]:
    """When the figure to sort by is published for none of the programs."""
    if not len(found.rows):
        return []
    if answers.sort is Sort.NET_PRICE and _none(catalog.net_price.take(found.school)):
        return [Note("no_net_prices")]
    if answers.sort is Sort.EARNINGS and _none(catalog.earnings.take(found.rows)):
        return [Note("no_earnings")]
    return []


def _none(figures: NDArray[np.float32]) -> bool:
    return bool(np.isnan(figures).all())


def _any_canadian(catalog: Catalog, found: Found) -> bool:
    # One more place at the end for schools whose region is unknown (-1).
    canadian = np.array([*(REGIONS[code].country == "CA" for code in catalog.regions), False])
    return bool(canadian.take(catalog.region.take(found.school)).any())


def _count_tier(found: Found, part: int) -> int:
    if found.tier is None:
        return 0
    return int(np.count_nonzero(found.tier & np.uint8(part)))
