"""Takes a log from elsewhere in, checked row by row: kept as files beside our own, or refused.

What does not fit together is set aside and counted by reason; a folder that is not what it says,
or of which too much would be set aside, is refused whole (docs/events.md). What is kept is sorted,
cut into parts and marked with the origin it was given. Nothing here reads or writes a database.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from matcher.features.declared import declarations_hash
from matcher.learn import log_checks as sql
from matcher.learn.dataset_build import MOST_SET_ASIDE, SKEW
from matcher.learn.dataset_parts import Desk, duckdb_at
from matcher.learn.log_export import (
    LISTINGS_A_PART,
    LogFilesError,
    staged,
    write_manifest,
    write_part,
)
from matcher.learn.log_folder import (
    BadFilesError,
    check_files,
    first_line,
    read_manifest,
    view_log,
)
from matcher.learn.log_imported import FOLDER, imported_logs, read_imported
from models.domain.log_form import MANIFEST, TABLES

_ORIGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ASKED_AT_ONCE = 10_000

_NOTHING = dict.fromkeys(TABLES, 0)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What a log is compared with.

    ``catalogs`` that were published here; ``served`` tells which of some slates this installation
    served; ``now`` is the moment that labels cannot be after.
    """

    catalogs: frozenset[str]
    served: Callable[[Sequence[UUID]], Iterable[UUID]]
    now: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: whose log it is said to be, who asks, and whether only to check."""

    origin: str
    by: str
    only_check: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: ``refused`` says why nothing was kept, empty when it was.

    ``rows`` that the files hold, ``kept`` of them, and ``aside`` the others by reason, each by
    table.
    """

    id: str
    origin: str
    refused: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {
            "id": self.id,
            "origin": self.origin,
            "refused": list(self.refused),
            "rows": dict(self.rows),
            "kept": dict(self.kept),
            "set_aside": {table: dict(reasons) for table, reasons in self.aside.items()},
        }


class _RefusedError(Exception):
    """A log is refused whole; the report says why."""

    def __init__(self, report: Report) -> None:
        super().__init__("; ".join(report.refused))
        self.report = report


def import_log(
    folder: Path, asked: Asked, store: Path, known: Known, tell: Tell = lambda _: None
) -> Report:
    """Check a log and, when it is good, keep it under the store.

    Args:
        folder: with a manifest and the files that it names.
        asked: what is asked.
        store: where imported logs live, in ``FOLDER``.
        known: what it is compared with.
        tell: told what is done.

    Raises:
        LogFilesError: when the origin cannot be one, or this log was imported before.
    """
    if not _ORIGIN.fullmatch(asked.origin):
        raise LogFilesError(
            f"“{asked.origin}” cannot name an origin: use up to 64 lower-case letters, digits, "
            "dots, dashes and underscores, beginning with a letter or digit."
        )
    report = Report("", asked.origin)
    try:
        tell("Comparing the files with their manifest")
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        report = replace(report, id=_identifier(manifest, asked.origin))
        target = store / FOLDER / report.id
        if (target / MANIFEST).exists():
            raise LogFilesError(f"This log was imported before, as {report.id}.")
        with staged(target, keep=not asked.only_check) as stage:
            return _take(_Import(folder, manifest, asked, stage, known, tell), report, store)
    except BadFilesError as error:
        return replace(report, refused=error.lines)
    except _RefusedError as refusal:
        return refusal.report


@dataclass(frozen=True, slots=True)
class _Import:
    """One import: where from, what is said of it, where to, and what it is compared with."""

    folder: Path
    manifest: Mapping[str, Any]
    asked: Asked
    stage: Path
    known: Known
    tell: Tell


def _take(this: _Import, report: Report, store: Path) -> Report:
    desk = Desk(this.stage / "desk", memory="1GiB")
    with duckdb_at(desk, _values(this)) as connection:
        view_log(connection, this.folder, this.manifest)
        try:
            this.tell("Comparing with what was served and imported here")
            _find_here(connection, this.known, imported_logs(store))
            this.tell("Looking at every row")
            connection.execute(sql.LISTING)
            connection.execute(sql.EVENT)
        except (duckdb.Error, UnicodeDecodeError) as error:
            # DuckDB's own errors quote the bytes as they are, and those may be no text.
            raise BadFilesError(f"file_unreadable: {first_line(error)}") from error
        report = _counted(connection, report)
        _check_share(report)
        this.tell("Keeping what is good")
        files = _write(connection, this.stage)
    shutil.rmtree(desk.folder)
    write_manifest(this.stage, _manifest(this, report, files))
    return report


def _values(this: _Import) -> dict[str, object]:
    return {
        # Clocks differ a little.
        "now": this.known.now + SKEW,
        "skew": int(SKEW.total_seconds()),
        "features": declarations_hash(),
        # DuckDB must see that a list is of texts, also when it is empty.
        "catalogs": ["", *sorted(this.known.catalogs)],
        "origin": this.asked.origin,
        "most": LISTINGS_A_PART,
    }


def _find_here(
    connection: duckdb.DuckDBPyConnection, known: Known, imported: Sequence[Path]
) -> None:
    """Find the slates that were served or imported here before."""
    connection.execute(sql.HERE)
    if imported:
        files = [str(path) for log in imported for path in (log / "listings").glob("*.parquet")]
        connection.read_parquet(files).create_view("imported")
        connection.execute(sql.IMPORTED)
    slates = connection.cursor()
    slates.execute(sql.SLATES)
    while some := slates.fetchmany(_ASKED_AT_ONCE):
        if served := [[each] for each in known.served([slate_id for (slate_id,) in some])]:
            connection.executemany("INSERT INTO here VALUES (?)", served)


def _counted(connection: duckdb.DuckDBPyConnection, report: Report) -> Report:
    counts = {name: dict(connection.execute(q).fetchall()) for name, q in sql.REASONS.items()}
    return replace(
        report,
        rows={table: sum(reasons.values()) for table, reasons in counts.items()},
        kept={table: reasons.pop("", 0) for table, reasons in counts.items()},
        aside=counts,
    )


def _check_share(report: Report) -> None:
    """Refuse what is empty, or of which too much is set aside."""
    if not report.kept["listings"]:
        said = _said(report.aside["listings"]) or "there are none"
        line = f"nothing_left: no listing can be used ({said})"
        raise _RefusedError(replace(report, kept=_NOTHING, refused=(line,)))
    wrong = [
        f"too_much_set_aside: {report.rows[table] - kept:,} of {report.rows[table]:,} {table} "
        f"do not fit together ({_said(report.aside[table])})"
        for table, kept in report.kept.items()
        if report.rows[table] - kept > MOST_SET_ASIDE * report.rows[table]
    ]
    if wrong:
        raise _RefusedError(replace(report, kept=_NOTHING, refused=tuple(wrong)))


def _said(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())


def _write(connection: duckdb.DuckDBPyConnection, stage: Path) -> list[dict[str, Any]]:
    """Write what is kept, whole slates to a part."""
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(sql.PART)
    [(parts,)] = connection.execute(sql.PARTS).fetchall()
    files = []
    for part in range(parts):
        connection.execute("SET VARIABLE part = ?", [part])
        for table, query in sql.KEPT.items():
            path = stage / table / f"part-{part:05}.parquet"
            written = write_part(connection, query, path, "parquet")
            files.append({"path": str(path.relative_to(stage)), **written})
    return files


def _manifest(
    this: _Import, report: Report, files: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What is kept beside the files: what they are, whose, who took them in, and what was not."""
    return {
        **{name: this.manifest.get(name) for name in ("form", "version", "since", "until")},
        "format": "parquet",
        "made_at": this.manifest.get("made_at"),
        "features": {"hash": declarations_hash()},
        "rows": report.kept,
        "files": files,
        "imported": {"at": this.known.now.isoformat(), "by": this.asked.by, **report.document()},
    }


def _identifier(manifest: Mapping[str, Any], origin: str) -> str:
    """Name an import after its origin and the bytes of its files."""
    sums = sorted(str(file["sha256"]) for file in manifest["files"])
    return hashlib.sha256("\n".join([origin, *sums]).encode()).hexdigest()[:16]


def remove_imported(store: Path, identifier: str) -> dict[str, Any]:
    """Remove an imported log, and return its manifest.

    Raises:
        LogFilesError: when there is none of that id.
    """
    found = {path.name: path for path in imported_logs(store)}.get(identifier)
    if found is None:
        raise LogFilesError(f"There is no imported log {identifier}.")
    manifest = read_imported(found)
    shutil.rmtree(found)
    return manifest
