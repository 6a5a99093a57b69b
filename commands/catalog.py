"""``schoolmatch catalog``: build, import, list, publish, roll back and compare catalogs."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from commands.doors import Door, door
from matcher.catalog import Catalog, open_catalog
from matcher.ingest.build import FOLDER, build_catalog
from matcher.ingest.compare import compare
from matcher.ingest.institutions import ImportRefusedError
from matcher.ingest.snapshot import hash_folder
from models.domain.publication import previous_version

_BY = "command"
_MOST_LINES = 20
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def catalog() -> None:
    """Build, import and publish the catalog of programs."""


@catalog.command()
@click.option("--publish/--no-publish", default=False, help="Put it in service at once.")
@_as_json
def build(*, publish: bool, as_json: bool) -> None:
    """Build a catalog from the installed data, without an institution file."""
    with door() as opened:
        version = build_catalog(opened.settings.store, institutions=None, progress=_progress)
        _finish(opened, version, "built", publish=publish, as_json=as_json)


@catalog.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--release", help="Which release the file is, as cards shall say it: “June 2026”.")
@click.option("--accept-good-rows", is_flag=True, help="Go on without the file's wrong rows.")
@click.option("--publish/--no-publish", default=True, help="Put it in service at once.")
@_as_json
def import_file(
    file: Path, release: str | None, *, accept_good_rows: bool, publish: bool, as_json: bool
) -> None:
    """Build a catalog with the College Scorecard's institution FILE: places become exact."""
    with door() as opened:
        try:
            version = build_catalog(
                opened.settings.store,
                institutions=file,
                progress=_progress,
                institutions_release=release or _release(file, opened),
                accept_good_rows=accept_good_rows,
            )
        except ImportRefusedError as error:
            _refuse(error, as_json=as_json)
        _finish(opened, version, f"imported {file.name}", publish=publish, as_json=as_json)


@catalog.command(name="list")
@_as_json
def list_versions(*, as_json: bool) -> None:
    """List the catalogs we know of, newest first; * is in service."""
    with door() as opened:
        with opened.unit_of_work() as work:
            known, current = work.publications.catalogs(), work.publications.current()["catalog"]
        rows = [
            {
                "version": row.version,
                "created_at": row.created_at.isoformat(),
                "published": row.version == current,
                "here": (_folder(opened, row.version) / "manifest.json").exists(),
                "counts": row.manifest.get("counts", {}),
            }
            for row in known
        ]
        _print(rows, _listed, as_json=as_json)


@catalog.command()
@click.argument("version")
@click.option("--reason", default="", help="Why, for the history.")
@_as_json
def publish(version: str, reason: str, *, as_json: bool) -> None:
    """Put VERSION in service."""
    with door() as opened:
        _finish(opened, version, reason or "published", publish=True, as_json=as_json)


@catalog.command()
@click.option("--reason", default="rolled back", help="Why, for the history.")
@_as_json
def rollback(reason: str, *, as_json: bool) -> None:
    """Put the catalog that served before this one back in service."""
    with door() as opened:
        with opened.unit_of_work() as work:
            before = previous_version(work.publications.history("catalog"))
        if before is None:
            raise click.ClickException("No other catalog has served before; there is no way back.")
        _finish(opened, before, reason, publish=True, as_json=as_json)


@catalog.command()
@click.argument("old")
@click.argument("new")
@_as_json
def diff(old: str, new: str, *, as_json: bool) -> None:
    """Tell what changes from catalog OLD to catalog NEW."""
    with door() as opened:
        changes = compare(_open(opened, old), _open(opened, new))
        _print({"old": old, "new": new, **changes}, _compared, as_json=as_json)


def _finish(opened: Door, version: str, reason: str, *, publish: bool, as_json: bool) -> None:
    """Make a version known and, when asked, put it in service."""
    manifest = _open(opened, version).manifest
    now = opened.clock.now()
    with opened.unit_of_work() as work:
        work.publications.add_catalog(version, manifest, now)
        before = work.publications.current()["catalog"]
        if publish and before != version:
            work.publications.publish("catalog", version, _BY, reason, now)
    result = {
        "version": version,
        "published": publish or before == version,
        "before": before,
        "counts": manifest["counts"],
    }
    _print(result, _finished, as_json=as_json)


def _open(opened: Door, version: str) -> Catalog:
    """Open a catalog of the store after making sure that its files are what was built."""
    folder = _folder(opened, version)
    if not re.fullmatch(r"[0-9a-f]{16}", version) or not folder.is_dir():
        raise click.ClickException(
            f"There is no catalog {version} in {opened.settings.store}; "
            "`schoolmatch catalog list` names those there are."
        )
    if hash_folder(folder) != version:
        raise click.ClickException(
            f"The files of catalog {version} are not what was built. Remove {folder} and build it "
            "again."
        )
    return open_catalog(folder)


def _folder(opened: Door, version: str) -> Path:
    return opened.settings.store / FOLDER / version


def _release(file: Path, opened: Door) -> str:
    """Read the release from the official file's name (``…_05192025.csv``), else say when we did."""
    if found := re.search(r"_([01][0-9])([0-3][0-9])(20[0-9]{2})\b", file.stem):
        month, day, year = found.groups()
        return f"release of {year}-{month}-{day}"
    year = str(opened.clock.now().year)
    _progress(f"The file does not say its release: cards will say “imported {year}”. Use --release")
    return f"imported {year}"


def _refuse(error: ImportRefusedError, *, as_json: bool) -> NoReturn:
    if as_json:
        problems = [asdict(problem) for problem in error.problems]
        click.echo(json.dumps({"published": False, "errors": problems}, ensure_ascii=False))
    lines = [problem.line for problem in error.problems[:_MOST_LINES]]
    if len(error.problems) > _MOST_LINES:
        lines.append(f"and {len(error.problems) - _MOST_LINES:,} more")
    lines.append("Nothing was published. Mend the rows, or leave them out: --accept-good-rows")
    raise click.ClickException("\n".join(lines)) from error


def _progress(line: str) -> None:
    click.echo(line, err=True)


def _print(value: Any, plain: Callable[[Any], list[str]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(value, indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(plain(value)))


def _listed(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["No catalog yet: schoolmatch catalog build --publish"]
    return [
        f"{'*' if row['published'] else ' '} {row['version']}  {row['created_at'][:16]}  "
        f"{row['counts'].get('programs', 0):,} programs, "
        f"{row['counts'].get('programs_by_precision', {}).get('exact', 0):,} with an exact place"
        f"{'' if row['here'] else '  (files are not on this machine)'}"
        for row in rows
    ]


def _finished(result: dict[str, Any]) -> list[str]:
    state = "is in service" if result["published"] else "is built and not yet in service"
    places = result["counts"]["programs_by_precision"]
    lines = [
        f"Catalog {result['version']} {state}.",
        f"{result['counts']['programs']:,} programs; places: "
        + ", ".join(f"{name} {count:,}" for name, count in places.items()),
    ]
    if not result["published"]:
        lines.append(f"Put it in service: schoolmatch catalog publish {result['version']}")
    return lines


def _compared(changes: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in changes.items():
        if isinstance(value, dict):
            lines += [f"{name} {column}: {count:,}" for column, count in value.items() if count]
        else:
            lines.append(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
    return lines
