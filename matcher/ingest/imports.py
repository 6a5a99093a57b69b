"""The files that a catalog is made from beside the packages: kept by content, named by manifests.

Every import builds a whole catalog anew from the packages and from all files that the one before
was built from, so they are kept in ``STORE/imports`` under their hash.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from matcher.ingest.careers import is_careers_file
from matcher.ingest.snapshot import alone
from matcher.ingest.tables import ImportRefusedError, Problem, read_header
from models.domain.errors import NotFoundError, TamperedError

Kind = Literal["institutions", "field_of_study", "own", "careers"]
FOLDER = "imports"
# What tells one kind from another, the first that fits.
_SIGNS: Mapping[Kind, frozenset[str]] = {
    "field_of_study": frozenset({"UNITID", "CIPCODE", "CREDLEV"}),
    "institutions": frozenset({"UNITID", "INSTNM"}),
    "own": frozenset({"SCHOOL_ID", "CIP"}),
}
_UNKNOWN = (
    "has none of the headers we know: an institution file has UNITID, INSTNM …, a field-of-study "
    "file UNITID, CIPCODE, CREDLEV …, your own programs SCHOOL_ID, CIP …; an occupations file is "
    "Parquet (docs/catalog.md)"
)
_PART = ".part-"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file as a manifest names it.

    ``release`` is what cards say of its age; ``good_rows_only`` that the operator went on without
    its wrong rows; ``distance_codes`` what DISTANCE means in a field-of-study file; ``rows`` how
    many rows were used, 0 before it was read.
    """

    kind: Kind
    name: str
    sha256: str
    release: str
    good_rows_only: bool = False
    distance_codes: str = ""
    rows: int = 0

    @property
    def slot(self) -> tuple[Kind, str]:
        """What the next file of the same slot replaces: one official file a kind, own by name."""
        return self.kind, self.name if self.kind == "own" else ""


def kind_of(path: Path) -> Kind:
    """Tell by its first bytes or its header what kind of file it is.

    Raises:
        ImportRefusedError: when it is none that we know.
    """
    if is_careers_file(path):
        return "careers"
    header = set(read_header(path))
    for kind, signs in _SIGNS.items():
        if signs <= header:
            return kind
    raise ImportRefusedError(Problem(1, "-", "", _UNKNOWN))


def keep_file(store: Path, path: Path) -> str:
    """Copy a file to the store, whole or not at all, and return its hash."""
    folder = store / FOLDER
    digest = hashlib.sha256()
    with (
        alone(folder, _PART),
        tempfile.NamedTemporaryFile(prefix=_PART, dir=folder, delete=False) as copy,
    ):
        part = Path(copy.name)
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    copy.write(piece)
            kept = folder / digest.hexdigest()
            if not kept.exists() or _hash(kept) != kept.name:
                copy.flush()
                os.fsync(copy.fileno())
                part.chmod(0o444)
                part.rename(kept)
        finally:
            part.unlink(missing_ok=True)
    return digest.hexdigest()


def forget_file(store: Path, path: Path) -> None:
    """Remove from the store a file that was kept for a catalog that did not come to be."""
    (store / FOLDER / _hash(path)).unlink(missing_ok=True)


def is_kept(store: Path, path: Path) -> bool:
    """Tell whether the store has this file already."""
    return (store / FOLDER / _hash(path)).exists()


def kept_path(store: Path, imported: ImportedFile) -> Path:
    """Find a kept file.

    Raises:
        NotFoundError: when it is not on this machine.
        TamperedError: when it is not what was imported.
    """
    path = store / FOLDER / imported.sha256
    if not path.exists():
        raise NotFoundError(f"{imported.name} is not in {path.parent}: import it again here")
    if _hash(path) != imported.sha256:
        raise TamperedError(f"{path} is not what was imported; remove it and import it again")
    return path


def imports_of(manifest: Mapping[str, Any]) -> tuple[ImportedFile, ...]:
    """Read what a catalog was built from."""
    return tuple(ImportedFile(**row) for row in manifest.get("imports", ()))


def show_imports(imports: Iterable[ImportedFile]) -> list[dict[str, Any]]:
    """Write what a catalog is built from, for its manifest."""
    return [asdict(imported) for imported in imports]


def with_import(before: Iterable[ImportedFile], added: ImportedFile) -> tuple[ImportedFile, ...]:
    """Put a file among those before it, in place of the one that it replaces."""
    kept = [one for one in before if one.slot != added.slot]
    return tuple(sorted([*kept, added], key=lambda one: one.slot))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
