"""The site's own search: fields and specialties, occupations and schools, by words."""

from dataclasses import dataclass

import numpy as np

from matcher import describe
from matcher.browse import browse_index
from matcher.careers import Occupation, career_source, occupation_at
from matcher.fields import FieldMatch
from matcher.namesearch import occupation_names, school_names
from service.services import Services
from service.steps.browse_outputs import SchoolLine

MOST_FIELDS = 5
MOST_OCCUPATIONS = 5
MOST_SCHOOLS = 20
# A field that is less likely meant is noise beside a school's name.
_LIKELY = 0.1
# Nobody's question is longer; a pasted article is read for its fields all the same.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class SiteFound:
    """What words may mean, each list best first; ``schools_fit`` how well the first school fits."""

    fields: tuple[FieldMatch, ...]
    occupations: tuple[Occupation, ...]
    schools: tuple[SchoolLine, ...]
    schools_fit: float


def search_site(services: Services, words: str) -> SiteFound:
    """Find what words may mean, in spite of slips and without accents."""
    asked = words[:LONGEST]
    catalog = services.serving.state().engine.catalog
    index = browse_index(catalog.path)
    schools = school_names(catalog).find(asked, MOST_SCHOOLS)
    rows = np.array([one.row for one in schools], np.int32)
    found = describe.schools(catalog, rows) if schools else []
    occupations = (
        occupation_names(catalog).find(asked, MOST_OCCUPATIONS) if career_source(catalog) else []
    )
    return SiteFound(
        fields=tuple(
            match
            for match in services.fields.find(asked, MOST_FIELDS)
            if match.confidence >= _LIKELY
        ),
        occupations=tuple(occupation_at(catalog, one.row) for one in occupations),
        schools=tuple(
            SchoolLine(school, index.program_count(one.row))
            for school, one in zip(found, schools, strict=True)
        ),
        schools_fit=schools[0].score if schools else 0.0,
    )
