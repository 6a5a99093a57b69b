"""What the pages that are browsed show: schools by state, fields, a school's programs."""

from dataclasses import dataclass

from matcher.fielddata import Specialty
from models.domain.levels import CredentialLevel
from models.domain.matching import Facts, Note, Program, School
from models.domain.place import Region


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which part of a list this is, counting from 1."""

    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class RegionCount:
    """A state or province and its schools; ``region`` None: the state is not published."""

    region: Region | None
    schools: int


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school in a list, with how many programs it reports (in the list's field)."""

    school: School
    programs: int


@dataclass(frozen=True, slots=True)
class SchoolList:
    """A page of the schools of a state."""

    region: Region | None
    schools: tuple[SchoolLine, ...]
    part: PageOf


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """A program of a school, with its own figures and what must be told beside it."""

    program: Program
    facts: Facts
    warnings: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class FieldPrograms:
    """A school's programs in one field."""

    cip: str
    name: str
    programs: tuple[ProgramLine, ...]


@dataclass(frozen=True, slots=True)
class SchoolView:
    """A school, its figures, and a page of its programs by field."""

    school: School
    facts: Facts
    fields: tuple[FieldPrograms, ...]
    part: PageOf


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field in a list, with how many programs the catalog holds."""

    cip: str
    name: str
    programs: int


@dataclass(frozen=True, slots=True)
class FieldSeries:
    """Fields under an everyday heading."""

    name: str
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field: its names, its specialties, what is awarded, and where it is taught."""

    cip: str
    name: str
    official: str
    specialties: tuple[Specialty, ...]
    credentials: tuple[tuple[CredentialLevel, int], ...]
    regions: tuple[RegionCount, ...]
    programs: int
