"""What a student should be told about a whole page of results."""

import numpy as np

from matcher.catalog import Catalog
from matcher.narrow import PLACE_NOT_PUBLISHED
from matcher.regions import REGIONS
from matcher.retrieve import Found
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers, Note


def advise(catalog: Catalog, answers: Answers, found: Found) -> tuple[Note, ...]:
    """Collect advice: codes and values, the most important first."""
    notes = [*_about_finding(answers, found), *_about_the_student(catalog, answers, found)]
    if answers.format is not Format.EITHER and len(found.rows):
        values = {"known": found.format_known, "total": len(found.rows)}
        notes.append(Note("format_mostly_not_published", values))
    if answers.max_distance_miles is not None and found.student.xyz is None:
        notes.append(Note("distance_needs_postal_code"))
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


def _any_canadian(catalog: Catalog, found: Found) -> bool:
    # One more place at the end for schools whose region is unknown (-1).
    canadian = np.array([*(REGIONS[code].country == "CA" for code in catalog.regions), False])
    return bool(canadian.take(catalog.region.take(found.school)).any())


def _count_tier(found: Found, part: int) -> int:
    if found.tier is None:
        return 0
    return int(np.count_nonzero(found.tier & np.uint8(part)))
