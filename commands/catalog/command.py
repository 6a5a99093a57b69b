"""The catalog commands."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from commands.catalog.fetching import fetch_files
from commands.catalog.importing import Accepted, leave_out, take_in
from commands.catalog.showing import compared, listed
from commands.catalog.store import build as build_from
from commands.catalog.store import finish, folder, open_version
from commands.changes import as_json_option, show_json
from commands.doors import door
from matcher.ingest.compare import compare
from models.domain.publication import previous_version

_release_option = click.option(
    "--release", help="Which release the file is, as cards shall say it: “June 2026”."
)
_publish_option = click.option(
    "--publish/--no-publish", default=True, help="Put it in service at once."
)


def _accepting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what of a file the operator accepts."""

    @click.option("--accept-good-rows", is_flag=True, help="Go on without the file's wrong rows.")
    @click.option(
        "--fewer-rows",
        is_flag=True,
        help="Take an official file with far fewer rows than the one it replaces.",
    )
    @wraps(command)
    def accepting(*args: Any, accept_good_rows: bool, fewer_rows: bool, **others: Any) -> None:
        command(*args, accepted=Accepted(accept_good_rows, fewer_rows), **others)

    return accepting


@click.group()
def catalog() -> None:
    """Build, import and publish the catalog of programs."""


@catalog.command()
@click.option("--publish/--no-publish", default=False, help="Put it in service at once.")
@as_json_option
def build(*, publish: bool, as_json: bool) -> None:
    """Build a catalog from the installed data alone, without any imported file."""
    with door() as opened:
        finish(opened, build_from(opened, ()), "built", publish=publish, as_json=as_json)


@catalog.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_release_option
@_accepting
@_publish_option
@as_json_option
def import_file(
    file: Path,
    release: str | None,
    *,
    accepted: Accepted,
    publish: bool,
    as_json: bool,
) -> None:
    """Take FILE into the catalog: an official institution or field-of-study file, or your own.

    The header says which it is; docs/catalog.md describes them. What was imported before stays; a
    file of the same kind (your own: of the same name) is replaced.
    """
    with door() as opened:
        version = take_in(opened, [file], release, accepted, as_json=as_json)
        finish(opened, version, f"imported {file.name}", publish=publish, as_json=as_json)


@catalog.command()
@click.argument(
    "which", type=click.Choice(["institutions", "field_of_study", "all"]), default="all"
)
@click.option("--import/--no-import", "importing", default=True, help="Take them in at once.")
@_accepting
@_publish_option
@as_json_option
def fetch(
    which: str,
    *,
    importing: bool,
    accepted: Accepted,
    publish: bool,
    as_json: bool,
) -> None:
    """Fetch the official files from the addresses in the settings, and take them in.

    A fetch that was stopped goes on where it stopped.
    """
    with door() as opened:
        files = fetch_files(opened.settings, which)
        if not importing:
            _show_files(files, as_json=as_json)
            return
        version = take_in(opened, files, None, accepted, as_json=as_json)
        names = " and ".join(file.name for file in files)
        finish(opened, version, f"fetched {names}", publish=publish, as_json=as_json)


@catalog.command()
@click.argument("name")
@_publish_option
@as_json_option
def withdraw(name: str, *, publish: bool, as_json: bool) -> None:
    """Build the catalog without the imported file NAME."""
    with door() as opened:
        version = leave_out(opened, name)
        finish(opened, version, f"withdrew {name}", publish=publish, as_json=as_json)


@catalog.command(name="list")
@as_json_option
def list_versions(*, as_json: bool) -> None:
    """List the catalogs we know of, newest first; * is in service."""
    with door() as opened:
        with opened.unit_of_work() as work:
            known, current = work.publications.catalogs(), work.publications.current()["catalog"]
        rows: list[dict[str, Any]] = [
            {
                "version": row.version,
                "created_at": row.created_at.isoformat(),
                "published": row.version == current,
                "here": (folder(opened, row.version) / "manifest.json").exists(),
                "counts": row.manifest.get("counts", {}),
                "imports": row.manifest.get("imports", []),
            }
            for row in known
        ]
        listed(rows, as_json=as_json)


@catalog.command()
@click.argument("version")
@click.option("--reason", default="", help="Why, for the history.")
@as_json_option
def publish(version: str, reason: str, *, as_json: bool) -> None:
    """Put VERSION in service."""
    with door() as opened:
        finish(opened, version, reason or "published", publish=True, as_json=as_json)


@catalog.command()
@click.option("--reason", default="rolled back", help="Why, for the history.")
@as_json_option
def rollback(reason: str, *, as_json: bool) -> None:
    """Put the catalog that served before this one back in service; again: the one before that."""
    with door() as opened:
        with opened.unit_of_work() as work:
            before = previous_version(work.publications.history("catalog"))
        if before is None:
            raise click.ClickException("No other catalog has served before; there is no way back.")
        finish(opened, before, reason, publish=True, as_json=as_json)


@catalog.command()
@click.argument("old")
@click.argument("new")
@as_json_option
def diff(old: str, new: str, *, as_json: bool) -> None:
    """Tell what changes from catalog OLD to catalog NEW."""
    with door() as opened:
        changes = compare(open_version(opened, old), open_version(opened, new))
        compared({"old": old, "new": new, **changes}, as_json=as_json)


def _show_files(files: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        show_json([str(file) for file in files])
        return
    for file in files:
        click.echo(str(file))
