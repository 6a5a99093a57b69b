"""Schools by state, fields, and what a school teaches: what can be browsed without answers."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matcher import describe
from matcher.browse import BrowseIndex, browse_index, field_schools, format_known
from matcher.catalog import CREDENTIALS, UNKNOWN_ROW, Catalog
from matcher.regions import REGIONS
from models.domain.errors import NotFoundError
from models.domain.matching import Facts
from models.domain.place import Region
from service.services import Services
from service.steps.browse_outputs import (
    FieldLine,
    FieldPrograms,
    FieldSeries,
    FieldView,
    PageOf,
    ProgramLine,
    RegionCount,
    SchoolLine,
    SchoolList,
    SchoolView,
)

SCHOOLS_A_PAGE = 100
PROGRAMS_A_PAGE = 25
# Figures of the whole school, which stand once on its page.
_OF_SCHOOL = frozenset({"net_price", "completion"})


def list_regions(services: Services) -> tuple[RegionCount, ...]:
    """Every state and province by name, then schools whose state is not published."""
    catalog, index = _open(services)
    counts = {code: len(index.schools[row]) for row, code in enumerate(catalog.regions)}
    named = sorted(
        (region for region in REGIONS.values() if not region.military), key=lambda one: one.name
    )
    found = [RegionCount(region, counts.get(region.code, 0)) for region in named]
    return (*found, RegionCount(None, len(index.schools[UNKNOWN_ROW])))


def list_schools(services: Services, region: str | None, number: int) -> SchoolList:
    """A page of the schools of a state or province; None: whose state is not published.

    Raises:
        NotFoundError: when there is no such region or page.
    """
    catalog, index = _open(services)
    schools = index.schools.get(_region_row(catalog, region), np.empty(0, np.int32))
    part, chosen = _part(schools, number, SCHOOLS_A_PAGE)
    lines = (
        SchoolLine(describe.school(catalog, int(row)), index.program_count(int(row)))
        for row in chosen
    )
    return SchoolList(_region(region), tuple(lines), part)


def view_school(services: Services, unitid: int, number: int) -> SchoolView:
    """A school with a page of its programs by field.

    Raises:
        NotFoundError: when the catalog has no such school, or the school no such page.
    """
    state = services.serving.state()
    catalog, index = _open(services)
    school = state.engine.index.school_row.get(unitid)
    if school is None:
        raise NotFoundError(f"school {unitid}")
    part, rows = _part(index.programs(school), number, PROGRAMS_A_PAGE)
    lines = [(int(catalog.field[row]), _program(catalog, int(row))) for row in rows]
    fields = (
        FieldPrograms(
            catalog.cips[field],
            field_name(services, catalog.cips[field]),
            tuple(line for _, line in group),
        )
        for field, group in groupby(lines, key=lambda pair: pair[0])
    )
    facts = describe.facts(catalog, int(rows[0])) if len(rows) else Facts()
    return SchoolView(
        describe.school(catalog, school),
        facts.named(_OF_SCHOOL),
        tuple(fields),
        part,
    )


def list_fields(services: Services) -> tuple[FieldSeries, ...]:
    """Every field that the catalog has programs in, under everyday headings."""
    catalog, _ = _open(services)
    rows = services.serving.state().engine.index.field_row
    series = (
        FieldSeries(
            one.name,
            tuple(
                FieldLine(family.cip, family.name, _count(catalog, rows[family.cip]))
                for family in one.families
                if family.cip in rows
            ),
        )
        for one in services.fields.browse()
    )
    return tuple(one for one in series if one.fields)


def view_field(services: Services, cip: str) -> FieldView:
    """A field: what it is called, what is awarded in it, and in which states.

    Raises:
        NotFoundError: when the catalog has no such field.
    """
    catalog, _ = _open(services)
    field = _field_row(services, cip)
    sizes = np.diff(catalog.slices[field]).tolist()
    codes = catalog.region[field_schools(catalog, field)]
    counted = zip(*np.unique(codes, return_counts=True), strict=True)
    regions = [
        RegionCount(REGIONS[catalog.regions[code]] if code >= 0 else None, int(count))
        for code, count in counted
    ]
    known = cip in services.fields.cips
    return FieldView(
        cip=cip,
        name=field_name(services, cip),
        official=catalog.field_names[field],
        specialties=services.fields.specialties(cip) if known else (),
        credentials=tuple(
            (credential, size) for credential, size in zip(CREDENTIALS, sizes, strict=True) if size
        ),
        regions=tuple(sorted(regions, key=_by_name)),
        programs=_count(catalog, field),
    )


def list_schools_of_field(
    services: Services, cip: str, region: str | None, number: int
) -> SchoolList:
    """A page of the schools of a state that report programs in a field.

    Raises:
        NotFoundError: when there is no such field, region or page.
    """
    catalog, index = _open(services)
    field = _field_row(services, cip)
    schools = field_schools(catalog, field)
    here = schools[catalog.region[schools] == _region_row(catalog, region)]
    part, chosen = _part(index.by_name(here), number, SCHOOLS_A_PAGE)
    lines = (
        SchoolLine(
            describe.school(catalog, int(row)),
            int(np.count_nonzero(catalog.field[index.programs(int(row))] == field)),
        )
        for row in chosen
    )
    return SchoolList(_region(region), tuple(lines), part)


def programs_source(services: Services) -> tuple[str, str]:
    """Who says what is taught, and of which year."""
    catalog, _ = _open(services)
    rows = (row for row in catalog.manifest["sources"] if row["key"] == "programs")
    row = next(rows)
    return row["name"], row["year"]


def formats_known(services: Services, cips: Sequence[str]) -> tuple[int, int]:
    """Of how many programs the format is known, and how many there are; no field: of all."""
    catalog, index = _open(services)
    rows = services.serving.state().engine.index.field_row
    counts = [format_known(catalog, rows[cip]) for cip in cips if cip in rows]
    if not counts:
        return index.format_known, len(catalog.key)
    return sum(known for known, _ in counts), sum(count for _, count in counts)


def field_name(services: Services, cip: str) -> str:
    """The plain name of a field, or the official one where we have no plainer."""
    if cip in services.fields.cips:
        return services.fields.name(cip)
    catalog, _ = _open(services)
    return catalog.field_names[_field_row(services, cip)]


def _open(services: Services) -> tuple[Catalog, BrowseIndex]:
    catalog = services.serving.state().engine.catalog
    return catalog, browse_index(catalog.path)


def _program(catalog: Catalog, row: int) -> ProgramLine:
    facts = describe.facts(catalog, row)
    own = facts.named({kind.name for kind in facts.kinds} - _OF_SCHOOL)
    return ProgramLine(describe.program(catalog, row), own, describe.warnings(catalog, row))


def _count(catalog: Catalog, field: int) -> int:
    return int(catalog.slices[field, -1] - catalog.slices[field, 0])


def _field_row(services: Services, cip: str) -> int:
    row = services.serving.state().engine.index.field_row.get(cip)
    if row is None:
        raise NotFoundError(f"field {cip}")
    return row


def _region(code: str | None) -> Region | None:
    return None if code is None else REGIONS[code]


def _region_row(catalog: Catalog, code: str | None) -> int:
    """A region's row in a catalog; one without schools has none, which is not an error."""
    if code is None:
        return UNKNOWN_ROW
    if code not in REGIONS or REGIONS[code].military:
        raise NotFoundError(f"region {code}")
    return catalog.regions.index(code) if code in catalog.regions else len(catalog.regions)


def _part(rows: NDArray[np.int32], number: int, size: int) -> tuple[PageOf, NDArray[np.int32]]:
    pages = max(1, -(-len(rows) // size))
    if not 1 <= number <= pages:
        raise NotFoundError(f"page {number} of {pages}")
    return PageOf(number, pages, len(rows)), rows[(number - 1) * size : number * size]


def _by_name(counted: RegionCount) -> tuple[bool, str]:
    return (counted.region is None, counted.region.name if counted.region else "")
