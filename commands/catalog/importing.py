"""Takes files into the catalog: what is there stays, a file of the same kind is replaced."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from commands.catalog.showing import refuse, say
from commands.catalog.store import build, imports_in_service
from commands.doors import Door
from matcher.ingest.fieldofstudy import read_distance_codes
from matcher.ingest.imports import (
    ImportedFile,
    Kind,
    forget_file,
    is_kept,
    keep_file,
    kind_of,
    with_import,
)
from matcher.ingest.tables import ImportRefusedError


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the operator accepts: files without their wrong rows, official ones cut short."""

    good_rows_only: bool = False
    fewer_rows: bool = False


def take_in(
    opened: Door,
    files: Sequence[Path],
    release: str | None,
    accepted: Accepted,
    *,
    as_json: bool,
) -> str:
    """Build a catalog from what serves now and these files; return its version.

    Raises:
        click.ClickException: when a file has errors that the operator did not accept, or is there
            under another name; the catalog in service stays, and nothing of the files is kept.
    """
    store = opened.settings.store
    new = [file for file in files if not is_kept(store, file)]
    imports = before = imports_in_service(opened)
    try:
        for file in files:
            added = _described(opened, before, file, release)
            imports = with_import(imports, replace(added, good_rows_only=accepted.good_rows_only))
        return build(opened, imports, {} if accepted.fewer_rows else _rows_of_official(before))
    except BaseException as error:
        # Whatever stopped it, Ctrl-C too, the files belong to no catalog.
        for file in new:
            forget_file(store, file)
        if isinstance(error, ImportRefusedError):
            refuse(error, as_json=as_json)
        raise


def leave_out(opened: Door, name: str) -> str:
    """Build a catalog from what serves now without one imported file; return its version.

    Raises:
        click.ClickException: when the catalog in service has no such file.
    """
    before = imports_in_service(opened)
    left = tuple(one for one in before if one.name != name)
    if len(left) == len(before):
        names = ", ".join(one.name for one in before) or "no imported file"
        raise click.ClickException(f"The catalog in service has no {name}; it has {names}.")
    return build(opened, left)


def _rows_of_official(imports: Iterable[ImportedFile]) -> dict[Kind, int]:
    return {one.kind: one.rows for one in imports if one.kind != "own"}


def _described(
    opened: Door, before: Iterable[ImportedFile], file: Path, release: str | None
) -> ImportedFile:
    kind = kind_of(file)
    sha256 = keep_file(opened.settings.store, file)
    codes = ""
    if kind == "field_of_study":
        codes = opened.settings.distance_codes
        read_distance_codes(codes)  # said here rather than after half a minute of reading
    # The same file keeps the age it was given first, so that importing it again changes nothing.
    same = next((one for one in before if one.sha256 == sha256), None)
    if same and kind == "own" and same.name != file.name:
        raise click.ClickException(
            f"{file.name} is identical with {same.name}, which is in the catalog. For it to go by "
            f"the new name, first run: schoolmatch catalog withdraw {same.name}"
        )
    said = release or (same.release if same else _release(file, opened))
    return ImportedFile(kind, file.name, sha256, said, distance_codes=codes)


def _release(file: Path, opened: Door) -> str:
    """Read the release from the official file's name (``…_05192025.csv``), else say when we did."""
    if found := re.search(r"_([01][0-9])([0-3][0-9])(20[0-9]{2})\b", file.stem):
        month, day, year = found.groups()
        return f"release of {year}-{month}-{day}"
    year = str(opened.clock.now().year)
    say(f"The file does not say its release: cards will say “imported {year}”. Use --release")
    return f"imported {year}"
