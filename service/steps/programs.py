"""One program of a school, as its own page and the page that compares show it."""

from dataclasses import dataclass

import numpy as np

from matcher import describe
from matcher.browse import browse_index
from matcher.catalog import HORIZONS, PRECISIONS, Catalog
from matcher.said import badges
from models.domain.errors import NotFoundError
from models.domain.matching import Facts, Note, PlacePrecision, Program, School
from service.services import Services
from service.steps.browse import field_name
from service.steps.highlighted import said_of

# How many other programs of its school stand on a program's page.
MOST_OTHERS = 12


@dataclass(frozen=True, slots=True)
class Amounts:
    """What graduates earn and owe, in USD; None: not published.

    ``years`` is how long after completion earnings were measured; ``usual`` what a typical
    high-school graduate of the school's state earns.
    """

    earnings: float | None
    years: int
    usual: float | None
    debt: float | None


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program with its school; ``field`` is the plain name of its field."""

    program: Program
    school: School
    field: str
    facts: Facts
    amounts: Amounts
    warnings: tuple[Note, ...]
    badges: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a school is: latitude and longitude in degrees only where they are exact."""

    precision: PlacePrecision
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """A program's page: the program, others of its school nearest in field, and where it is."""

    view: ProgramView
    others: tuple[tuple[Program, str], ...]
    where: Whereabouts


def find_program(services: Services, program_id: str) -> ProgramView:
    """Find a program by its id, old ones too.

    Raises:
        NotFoundError: when the catalog has no such program.
    """
    catalog = services.serving.state().engine.catalog
    return _view(services, catalog, _row(catalog, program_id))


def view_program(services: Services, program_id: str) -> ProgramPage:
    """Find what stands on a program's page.

    Raises:
        NotFoundError: when the catalog has no such program.
    """
    catalog = services.serving.state().engine.catalog
    row = _row(catalog, program_id)
    school = int(catalog.school[row])
    rows = browse_index(catalog.path).programs(school)
    # Fields lie in the order of their codes, and near codes are kin.
    apart = np.abs(catalog.field[rows].astype(np.int32) - int(catalog.field[row]))
    near = np.argsort(apart, kind="stable")
    others = [int(one) for one in rows[near] if one != row][:MOST_OTHERS]
    return ProgramPage(
        view=_view(services, catalog, row),
        others=tuple(
            (one, field_name(services, one.cip)) for one in describe.programs(catalog, others)
        ),
        where=whereabouts(services, int(catalog.unitid[school])),
    )


def whereabouts(services: Services, unitid: int) -> Whereabouts:
    """Tell where a school is, as well as it is known.

    Raises:
        NotFoundError: when the catalog has no such school.
    """
    engine = services.serving.state().engine
    school = engine.index.school_row.get(unitid)
    if school is None:
        raise NotFoundError(f"school {unitid}")
    precision = PlacePrecision(PRECISIONS[engine.catalog.place_precision[school]])
    if precision is not PlacePrecision.EXACT:
        return Whereabouts(precision, None)
    x, y, z = (float(part) for part in engine.catalog.xyz[school])
    degrees = np.degrees([np.arcsin(z), np.arctan2(y, x)])
    return Whereabouts(precision, (round(float(degrees[0]), 4), round(float(degrees[1]), 4)))


def _row(catalog: Catalog, program_id: str) -> int:
    row = describe.row_of(catalog, program_id)
    if row is None:
        raise NotFoundError(f"program {program_id[:80]}")
    return row


def _view(services: Services, catalog: Catalog, row: int) -> ProgramView:
    program = describe.program(catalog, row)
    said = said_of(services.serving.state().highlights, program.unitid, program.cip)
    return ProgramView(
        program=program,
        school=describe.school(catalog, int(catalog.school[row])),
        field=field_name(services, program.cip),
        facts=describe.facts(catalog, row),
        amounts=_amounts(catalog, row),
        warnings=describe.warnings(catalog, row),
        badges=(*badges(catalog, row), *said),
    )


def _amounts(catalog: Catalog, row: int) -> Amounts:
    earnings = _known(catalog.earnings[row])
    return Amounts(
        earnings=earnings,
        years=1 if HORIZONS[catalog.horizon[row]] == "1yr" else 4,
        usual=_known(catalog.threshold[row]) if earnings is not None else None,
        debt=_known(catalog.debt[row]),
    )


def _known(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)
