"""Occupations: what a field leads to, and what leads to an occupation; where a file says so."""

from dataclasses import dataclass

from matcher.careers import (
    Career,
    CareerSource,
    Occupation,
    career_of,
    career_source,
    occupation_of,
    occupations,
)
from models.domain.errors import NotFoundError
from service.services import Services
from service.steps.browse import field_name


@dataclass(frozen=True, slots=True)
class FieldCareer:
    """What a field leads to, and who says so."""

    career: Career
    source: CareerSource


@dataclass(frozen=True, slots=True)
class OccupationView:
    """An occupation with the fields that lead to it: their codes and names, by name."""

    occupation: Occupation
    source: CareerSource
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OccupationList:
    """Every occupation by name: its code and title."""

    occupations: tuple[tuple[str, str], ...]
    source: CareerSource


def career_of_field(services: Services, cip: str) -> FieldCareer | None:
    """What a field leads to; None where no file says."""
    engine = services.serving.state().engine
    row, source = engine.index.field_row.get(cip), career_source(engine.catalog)
    if row is None or source is None:
        return None
    career = career_of(engine.catalog, row)
    return FieldCareer(career, source) if career else None


def view_occupation(services: Services, soc: str) -> OccupationView:
    """An occupation by its code, such as ``29-2072``.

    Raises:
        NotFoundError: when no file that was imported has it.
    """
    catalog = services.serving.state().engine.catalog
    found, source = occupation_of(catalog, soc), career_source(catalog)
    if found is None or source is None:
        raise NotFoundError(f"occupation {soc}")
    named = sorted((field_name(services, cip), cip) for cip in found.cips)
    return OccupationView(found, source, tuple((cip, name) for name, cip in named))


def knows_careers(services: Services) -> bool:
    """Tell whether any file says what fields lead to."""
    return career_source(services.serving.state().engine.catalog) is not None


def list_occupations(services: Services) -> OccupationList | None:
    """Every occupation; None while no file is imported."""
    catalog = services.serving.state().engine.catalog
    source = career_source(catalog)
    if source is None:
        return None
    named = sorted((one.title, one.soc) for one in occupations(catalog))
    return OccupationList(tuple((soc, title) for title, soc in named), source)
