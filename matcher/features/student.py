"""The student as features see one: the request's own codes, and what cross features compare with.

Nothing here is personal data: a place as good as a postal code's, a level, wishes.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import UNKNOWN_ROW, Catalog
from matcher.features.declared import FIELD_NOT_ASKED, FIRST_FIELD, LATER_FIELD
from matcher.geography import Places, read_postal_code, region_place
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers
from models.domain.place import Place

LEVELS = tuple(EducationLevel)
WISHES = tuple(Format)


@dataclass(frozen=True, slots=True)
class Student:
    """What features know of a student.

    ``xyz`` is a unit vector, shape (3,), or None when only a region is known; ``region`` a row of
    the catalog's regions or -1; ``region_middle`` unit vectors, shape (3, R), of where the postal
    codes of each region lie; ``field_fit`` the code of each field, shape (F,); ``codes`` those of
    ``declared.REQUEST``, in that order.
    """

    level: EducationLevel
    wish: Format
    xyz: NDArray[np.float32] | None
    region: int
    region_middle: NDArray[np.float32]
    country: str
    credential: CredentialLevel | None
    field_fit: NDArray[np.uint8]
    codes: tuple[int, int]


def read_student(catalog: Catalog, places: Places, answers: Answers) -> Student:
    """Make the student of a search.

    A postal code that no list knows leaves the region, or nothing; the service has said so before.
    """
    place = find_place(places, answers)
    region = place.region if place is not None else None
    return Student(
        level=answers.education_level,
        wish=answers.format,
        xyz=np.asarray(place.xyz, np.float32) if place is not None and place.xyz else None,
        region=_row_of(catalog, region),
        region_middle=places.middle.T,
        country=place.country if place is not None else "US",
        credential=answers.specialty_credential,
        field_fit=_field_fit(catalog, answers.fields),
        codes=_request_codes(answers.education_level, answers.format),
    )


def _row_of(catalog: Catalog, region: str | None) -> int:
    try:
        return catalog.regions.index(region or "")
    except ValueError:
        return UNKNOWN_ROW


@cache
def _request_codes(level: EducationLevel, wish: Format) -> tuple[int, int]:
    return LEVELS.index(level), WISHES.index(wish)


def find_place(places: Places, answers: Answers) -> Place | None:
    """Find where the student is: by postal code, else by the region chosen."""
    place = places.find(read_postal_code(answers.postal_code)) if answers.postal_code else None
    if place is None and answers.region:
        place = region_place(answers.region)
    return place


def _field_fit(catalog: Catalog, fields: tuple[str, ...]) -> NDArray[np.uint8]:
    cips = catalog.cips
    fit = np.empty(len(cips), np.uint8)
    fit.fill(FIELD_NOT_ASKED)
    for place, cip in reversed(list(enumerate(fields))):
        # Families by row rise, as their programs do.
        row = bisect_left(cips, cip)
        if row < len(cips) and cips[row] == cip:
            fit[row] = FIRST_FIELD if place == 0 else LATER_FIELD
    return fit
