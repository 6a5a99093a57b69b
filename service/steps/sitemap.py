"""Everything that can be crawled, in parts that are small enough to be made when they are asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher import describe
from matcher.browse import browse_index, field_schools
from matcher.careers import occupations
from matcher.catalog import UNKNOWN_ROW, Catalog
from matcher.regions import REGIONS
from models.domain.errors import NotFoundError
from models.domain.matching import Program, School
from models.domain.place import Region
from service.services import Services
from service.steps.browse import PROGRAMS_A_PAGE, SCHOOLS_A_PAGE

# The format allows ten times as many; a part is made in a tenth of a second.
MOST_PAGES = 5_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A page to crawl: of a state, field, field in a state, occupation, school or program.

    ``number`` is the page of a list, counting from 1.
    """

    region: Region | None = None
    elsewhere: bool = False
    cip: str = ""
    soc: str = ""
    school: School | None = None
    program: Program | None = None
    number: int = 1


def sitemap_parts(services: Services, most: int = MOST_PAGES) -> tuple[str, ...]:
    """Name the parts: ``pages``, ``fields-1``, ``schools-1`` …, ``programs-1`` …."""
    catalog = services.serving.state().engine.catalog
    counts = {
        "fields": len(catalog.cips) + _pages_taught(catalog),
        "schools": len(catalog.unitid),
        "programs": len(catalog.school),
    }
    numbered = (
        f"{kind}-{number}"
        for kind, count in counts.items()
        for number in range(1, -(-count // most) + 1)
    )
    return ("pages", *numbered)


def sitemap_part(services: Services, name: str, most: int = MOST_PAGES) -> list[Listed]:
    """List the pages of a part.

    Raises:
        NotFoundError: when there is no such part.
    """
    if name not in sitemap_parts(services, most):
        raise NotFoundError(f"part {name[:40]} of the sitemap")
    kind, _, number = name.partition("-")
    if kind == "pages":
        return [*_states(services), *_careers(services)]
    first = (int(number) - 1) * most
    if kind == "fields":
        return list(_fields(services))[first : first + most]
    if kind == "schools":
        return list(_schools(services, first, most))
    return list(_programs(services, first, most))


def _states(services: Services) -> Iterator[Listed]:
    catalog = services.serving.state().engine.catalog
    schools = browse_index(catalog.path).schools
    counts = {code: len(schools[row]) for row, code in enumerate(catalog.regions)}
    for region in REGIONS.values():
        if not region.military:
            for number in _pages(counts.get(region.code, 0), SCHOOLS_A_PAGE):
                yield Listed(region=region, number=number)
    for number in _pages(len(schools[UNKNOWN_ROW]), SCHOOLS_A_PAGE):
        yield Listed(elsewhere=True, number=number)


def _careers(services: Services) -> Iterator[Listed]:
    catalog = services.serving.state().engine.catalog
    return (Listed(soc=one.soc) for one in occupations(catalog))


def _fields(services: Services) -> Iterator[Listed]:
    """Every field, then every state that teaches one, field by field."""
    catalog = services.serving.state().engine.catalog
    yield from (Listed(cip=cip) for cip in catalog.cips)
    for field, row, count in _taught(catalog).tolist():
        region = REGIONS[catalog.regions[row]] if row != UNKNOWN_ROW else None
        for number in _pages(count, SCHOOLS_A_PAGE):
            yield Listed(region, region is None, catalog.cips[field], number=number)


def _taught(catalog: Catalog) -> NDArray[np.int64]:
    """How many schools of a region teach a field: rows of field, region and count.

    Field by field: all programs at once would take no less time, and 6 MB.
    """
    found = []
    for field in range(len(catalog.cips)):
        regions, counts = np.unique(
            catalog.region[field_schools(catalog, field)], return_counts=True
        )
        found.append(np.stack([np.full(len(regions), field), regions, counts], axis=1))
    return np.concatenate(found)


def _schools(services: Services, first: int, most: int) -> Iterator[Listed]:
    catalog = services.serving.state().engine.catalog
    index = browse_index(catalog.path)
    rows = np.arange(first, min(first + most, len(catalog.unitid)), dtype=np.int32)
    for row, school in zip(rows.tolist(), describe.schools(catalog, rows), strict=True):
        for number in _pages(index.program_count(row), PROGRAMS_A_PAGE):
            yield Listed(school=school, number=number)


def _programs(services: Services, first: int, most: int) -> Iterator[Listed]:
    """Programs school by school, so that each school is described once."""
    catalog = services.serving.state().engine.catalog
    rows = browse_index(catalog.path).rows[first : first + most]
    at, where = np.unique(catalog.school[rows], return_inverse=True)
    schools = describe.schools(catalog, at)
    for place, program in zip(where.tolist(), describe.programs(catalog, rows), strict=True):
        yield Listed(school=schools[place], program=program)


def _pages_taught(catalog: Catalog) -> int:
    """How many pages the states that teach fields have together."""
    return int((-(-_taught(catalog)[:, 2] // SCHOOLS_A_PAGE)).sum())


def _pages(count: int, size: int) -> range:
    return range(1, max(1, -(-count // size)) + 1)
