"""Reads everything that a catalog is made from: the packages and the imported files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from matcher.catalog import OWN_SCHOOLS
from matcher.ingest.fieldofstudy import read_distance_codes, read_field_of_study
from matcher.ingest.imports import ImportedFile, Kind, kept_path
from matcher.ingest.institutions import Institution, read_institutions
from matcher.ingest.own import OwnProgram, read_own
from matcher.ingest.programs import Programs, of_package, thresholds_of, with_official, with_own
from matcher.ingest.tables import Findings, ImportRefusedError
from matcher.ingest.truewise import SourcePrograms, SourceSchool, read_programs

_MOST_SHOWN = 20
# A school's own words are read against what official files say.
_ORDER: tuple[Kind, ...] = ("institutions", "field_of_study", "own")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is being read."""

    imported: ImportedFile
    path: Path
    say: Say

    @property
    def sha256(self) -> str:
        return self.imported.sha256

    def report(self, found: Findings, good: int) -> str:
        """Say what was found; refuse the file when its errors were not accepted."""
        name = self.imported.name
        errors = [replace(error, file=name) for error in found.errors]
        if errors and not (self.imported.good_rows_only and good):
            raise ImportRefusedError(*errors)
        for error in errors[:_MOST_SHOWN]:
            self.say(f"Left out: {error.line}")
        for note in found.notes[:_MOST_SHOWN]:
            self.say(f"Note: {replace(note, file=name).line}")
        if (more := len(errors) + len(found.notes) - 2 * _MOST_SHOWN) > 0:
            self.say(f"Left out: about {more:,} more")
        return (
            f"{good:,} rows used, {len(errors):,} rows refused, "
            f"{len(found.notes):,} cells left out."
        )


@dataclass(slots=True)
class Inputs:
    """What was read; ``about`` says of each imported file what became of its rows."""

    package: SourcePrograms
    programs: Programs
    schools: tuple[SourceSchool, ...]
    institutions: dict[int, Institution]
    official_figures: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    own: list[OwnProgram] = field(default_factory=list)

    def add_schools(self, added: Iterable[SourceSchool]) -> None:
        """Add schools that were not there."""
        every = [*self.schools, *added]
        self.schools = tuple(sorted(every, key=lambda school: school.unitid))


def read_inputs(store: Path, imports: Sequence[ImportedFile], say: Say) -> Inputs:
    """Read the packages and the imported files.

    Raises:
        ImportRefusedError: when a file has errors that the operator did not accept.
        NotFoundError: when a file is not on this machine.
    """
    say("Reading programs")
    package = read_programs()
    say(f"Read {len(package.unitid):,} programs of {len(package.schools):,} schools")
    inputs = Inputs(package, of_package(package), package.schools, {})
    for imported in sorted(imports, key=lambda one: _ORDER.index(one.kind)):
        say(f"Reading {imported.name}")
        file = _File(imported, kept_path(store, imported), say)
        match imported.kind:
            case "institutions":
                _add_institutions(inputs, file)
            case "field_of_study":
                _add_official(inputs, file)
            case "own":
                _add_own(inputs, file)
    inputs.programs = with_own(inputs.programs, inputs.own)
    return inputs


def _add_institutions(inputs: Inputs, file: _File) -> None:
    found = read_institutions(file.path)
    inputs.about[file.sha256] = file.report(found.findings, len(found.rows))
    inputs.institutions |= found.rows


def _add_official(inputs: Inputs, file: _File) -> None:
    codes = read_distance_codes(file.imported.distance_codes)
    found = read_field_of_study(file.path, codes, inputs.package.titles)
    about = file.report(found.findings, len(found.unitid))
    left_out = f"{found.left_out:,} rows of schools abroad or of fields without a name left out"
    inputs.about[file.sha256] = f"{about} {left_out}."
    known = {school.unitid for school in inputs.schools}
    states = {unitid: row.state for unitid, row in inputs.institutions.items()}
    inputs.add_schools(
        SourceSchool(unitid, name, states.get(unitid), control)
        for unitid, (name, control) in found.schools.items()
        if unitid not in known
    )
    of_schools = {school.unitid: school.state for school in inputs.schools}
    thresholds = thresholds_of(inputs.package, of_schools)
    inputs.programs = with_official(inputs.programs, found, thresholds)
    inputs.official_figures = found.figures


def _add_own(inputs: Inputs, file: _File) -> None:
    """Add what schools say, and the schools that the official data lack."""
    schools = {school.unitid: school for school in inputs.schools}
    name = file.imported.name
    found = read_own(file.path, name, schools, inputs.package.titles, inputs.own)
    inputs.about[file.sha256] = file.report(found.findings, len(found.rows))
    inputs.own += found.rows
    new = {one.unitid: one for one in found.rows if one.unitid in OWN_SCHOOLS}
    inputs.add_schools(
        SourceSchool(one.unitid, one.school_name or "", one.state, one.control or 0)
        for one in new.values()
        if one.unitid not in schools
    )
    inputs.institutions |= {one.unitid: _institution(one) for one in new.values()}


def _institution(one: OwnProgram) -> Institution:
    return Institution(
        one.unitid,
        city=one.city,
        state=one.state,
        latitude=one.latitude,
        longitude=one.longitude,
        zip=one.postal_code,
        url=one.school_url,
    )
