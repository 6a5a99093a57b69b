"""What the catalog commands share: snapshots of the store, what serves, and putting in service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from commands.catalog.showing import finished, say
from commands.doors import Door
from matcher.catalog import Catalog, CatalogDamagedError, open_catalog
from matcher.ingest.build import FOLDER, build_catalog
from matcher.ingest.imports import ImportedFile, Kind, imports_of

_BY = "command"


def build(
    opened: Door, imports: tuple[ImportedFile, ...], rows_before: Mapping[Kind, int] | None = None
) -> str:
    """Build a catalog from the packages and these files, telling each step.

    Official files with far fewer rows than ``rows_before`` says of their kind are refused.
    """
    return build_catalog(
        opened.settings.store,
        imports=imports,
        progress=say,
        today=opened.clock.now().date(),
        rows_before=rows_before or {},
    )


def imports_in_service(opened: Door) -> tuple[ImportedFile, ...]:
    """What the catalog in service was built from, beside the packages."""
    with opened.unit_of_work() as work:
        known, current = work.publications.catalogs(), work.publications.current()["catalog"]
    return next((imports_of(row.manifest) for row in known if row.version == current), ())


def finish(opened: Door, version: str, reason: str, *, publish: bool, as_json: bool) -> None:
    """Make a version known and, when asked, put it in service."""
    manifest = open_version(opened, version).manifest
    now = opened.clock.now()
    with opened.unit_of_work() as work:
        work.publications.add_catalog(version, manifest, now)
        before = work.publications.current()["catalog"]
        if publish and before != version:
            work.publications.publish("catalog", version, _BY, reason, now)
    result: dict[str, Any] = {
        "version": version,
        "published": publish or before == version,
        "before": before,
        "counts": manifest["counts"],
        "imports": manifest.get("imports", []),
    }
    finished(result, as_json=as_json)


def open_version(opened: Door, version: str) -> Catalog:
    """Open a catalog of the store.

    Raises:
        click.ClickException: when it is not there or not what was built, with what to do.
    """
    path = folder(opened, version)
    missing = click.ClickException(
        f"There is no catalog {version} in {opened.settings.store}; "
        "`schoolmatch catalog list` names those there are."
    )
    if not re.fullmatch(r"[0-9a-f]{16}", version) or not path.is_dir():
        raise missing
    try:
        return open_catalog(path)
    except FileNotFoundError as error:
        raise click.ClickException(
            f"Catalog {version} lacks {error.filename}. Remove {path} and build it again."
        ) from error
    except CatalogDamagedError as error:
        raise click.ClickException(str(error)) from error


def folder(opened: Door, version: str) -> Path:
    """The folder of a version, there or not."""
    return opened.settings.store / FOLDER / version
