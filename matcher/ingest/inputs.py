"""Reads everything that a catalog is made from: the packages and the imported files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from matcher.catalog import OWN_SCHOOLS
from matcher.ingest.careers import CareersFound, read_careers
from matcher.ingest.fieldofstudy import read_distance_codes, read_field_of_study
from matcher.ingest.imports import ImportedFile, Kind, kept_path
from matcher.ingest.institutions import Institution, read_institutions
from matcher.ingest.own import Against, OwnProgram, read_own
from matcher.ingest.programs import Programs, of_package, thresholds_of, with_official, with_own
from matcher.ingest.tables import Findings, ImportRefusedError, Problem
from matcher.ingest.truewise import SourcePrograms, SourceSchool, read_programs
from matcher.ingest.whereabouts import CodeMap

_MOST_SHOWN = 20
# An official file that loses more rows than this from one release to the next was cut.
_SHARE_KEPT = 0.9
# A school's own words are read against what official files say.
_ORDER: tuple[Kind, ...] = ("institutions", "field_of_study", "own", "careers")
Say = Callable[[str], None]
_ADVICE = {
    "none": "has no row that can be used; is it cut short?",
    "fewer": "has {good:,} usable rows where the file before had more ({before:,}), as if it were "
    "cut short; get it again, or say that it is right: --fewer-rows",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What files are held against.

    ``codes`` for places; ``today``, after which nobody has said anything yet; ``rows`` how many
    the official file that is replaced had, by kind, and nothing where the operator knows that there
    are fewer.
    """

    codes: CodeMap
    today: date
    rows: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is being read."""

    imported: ImportedFile
    path: Path
    say: Say
    rows_before: int

    @property
    def sha256(self) -> str:
        return self.imported.sha256

    def report(self, found: Findings, good: int) -> str:
        """Say what was found; refuse the file when its errors were not accepted."""
        name = self.imported.name
        errors = [replace(error, file=name) for error in found.errors]
        if errors and not (self.imported.good_rows_only and good):
            raise ImportRefusedError(*errors, by_row=good > 0)
        if not good:
            raise ImportRefusedError(Problem(1, "-", "", _ADVICE["none"], name))
        if good < _SHARE_KEPT * self.rows_before:
            advice = _ADVICE["fewer"].format(good=good, before=self.rows_before)
            raise ImportRefusedError(Problem(1, "-", "", advice, name))
        for error in errors[:_MOST_SHOWN]:
            self.say(f"Left out: {error.line}")
        for note in found.notes[:_MOST_SHOWN]:
            self.say(f"Note: {replace(note, file=name).line}")
        if (more := len(errors) + len(found.notes) - 2 * _MOST_SHOWN) > 0:
            self.say(f"Left out: about {more:,} more")
        about = (
            f"{good:,} rows used, {len(errors):,} rows refused, "
            f"{len(found.notes):,} cells left out."
        )
        self.say(f"{name}: {about}")
        return about


@dataclass(slots=True)
class Inputs:
    """What was read.

    ``about`` says of each imported file, by its hash, what became of its rows; ``rows`` how many
    were used.
    """

    package: SourcePrograms
    programs: Programs
    schools: tuple[SourceSchool, ...]
    institutions: dict[int, Institution]
    official_figures: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    own: list[OwnProgram] = field(default_factory=list)
    careers: CareersFound | None = None

    def add_schools(self, added: Iterable[SourceSchool]) -> None:
        """Add schools that were not there."""
        every = [*self.schools, *added]
        self.schools = tuple(sorted(every, key=lambda school: school.unitid))


def read_inputs(
    store: Path, imports: Sequence[ImportedFile], expected: Expected, say: Say
) -> Inputs:
    """Read the packages and the imported files.

    Raises:
        ImportRefusedError: when a file has errors that the operator did not accept, or no row, or
            far fewer than expected.
        NotFoundError: when a file is not on this machine.
    """
    say("Reading programs")
    package = read_programs()
    say(f"Read {len(package.unitid):,} programs of {len(package.schools):,} schools")
    inputs = Inputs(package, of_package(package), package.schools, {})
    for imported in sorted(imports, key=lambda one: _ORDER.index(one.kind)):
        say(f"Reading {imported.name}")
        before = expected.rows.get(imported.kind, 0)
        file = _File(imported, kept_path(store, imported), say, before)
        match imported.kind:
            case "institutions":
                _add_institutions(inputs, file, expected)
            case "field_of_study":
                _add_official(inputs, file)
            case "own":
                _add_own(inputs, file, expected)
            case "careers":
                _add_careers(inputs, file)
    inputs.programs = with_own(inputs.programs, inputs.own)
    return inputs


def _add_institutions(inputs: Inputs, file: _File, expected: Expected) -> None:
    found = read_institutions(file.path, expected.codes)
    inputs.rows[file.sha256] = len(found.rows)
    inputs.about[file.sha256] = file.report(found.findings, len(found.rows))
    inputs.institutions |= found.rows


def _add_official(inputs: Inputs, file: _File) -> None:
    codes = read_distance_codes(file.imported.distance_codes)
    found = read_field_of_study(file.path, codes, inputs.package.titles)
    inputs.rows[file.sha256] = len(found.unitid)
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


def _add_own(inputs: Inputs, file: _File, expected: Expected) -> None:
    """Add what schools say, and the schools that the official data lack."""
    schools = {school.unitid: school for school in inputs.schools}
    name = file.imported.name
    against = Against(schools, inputs.package.titles.keys(), expected.codes, expected.today)
    found = read_own(file.path, name, against, inputs.own)
    inputs.rows[file.sha256] = len(found.rows)
    inputs.about[file.sha256] = file.report(found.findings, len(found.rows))
    inputs.own += found.rows
    new = {one.unitid: one for one in found.rows if one.unitid in OWN_SCHOOLS}
    inputs.add_schools(
        SourceSchool(one.unitid, one.school_name or "", one.state, one.control or 0)
        for one in new.values()
        if one.unitid not in schools
    )
    inputs.institutions |= {one.unitid: _institution(one) for one in new.values()}


def _add_careers(inputs: Inputs, file: _File) -> None:
    found = inputs.careers = read_careers(file.path, inputs.package.titles)
    inputs.rows[file.sha256] = len(found.careers)
    inputs.about[file.sha256] = file.report(found.findings, len(found.careers))


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
