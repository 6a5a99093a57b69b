"""``schoolmatch events``: the log in files, out and in (docs/events.md)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from commands.changes import as_json_option, show_json
from commands.doors import Door, door, whoami
from matcher.learn.log_imported import imported_logs, read_imported
from models.domain.log_form import LogWindow

_day = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def events() -> None:
    """Write the log down as files; take in, list and remove logs from elsewhere."""


@events.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "ndjson"]),
    default="parquet",
    show_default=True,
    help="What files to write.",
)
@click.option("--since", type=_day, help="Leave out slates drawn before this moment (UTC).")
@click.option("--until", type=_day, help="Leave out slates drawn from this moment on (UTC).")
@click.option("--real-only", is_flag=True, help="Leave out simulated searches.")
@as_json_option
def export_(folder: Path, form: Any, *, as_json: bool, **window: Any) -> None:
    """Write what was served and what came of it into a new FOLDER.

    Nothing personal is in it. The folder appears when all of it is written; Ctrl-C leaves nothing.
    """
    from matcher.learn.log_export import Export, export_log  # noqa: PLC0415 - loads DuckDB

    with door() as opened, _plainly("Nothing was written."):
        export = Export(_window(**window), opened.clock.now(), form)
        with opened.unit_of_work() as work:
            manifest = export_log(work.written_log, folder, export, _tell_rows)
        rows = manifest["rows"]
        _audit(opened, "log.export", "log", {**rows, "format": form})
    if as_json:
        show_json({"folder": str(folder), **manifest})
    else:
        click.echo(f"{rows['listings']:,} listings and {rows['events']:,} events are in {folder}.")


@events.command(name="import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--origin", required=True, help="Who served it; rankers that learn from it say so.")
@click.option("--check", is_flag=True, help="Say what would be kept, and keep nothing.")
@as_json_option
def import_(folder: Path, origin: str, *, check: bool, as_json: bool) -> None:
    """Take in the log of a FOLDER, to learn from.

    Every row is checked; what does not fit together is set aside and counted, and a log with too
    much of that is refused. All of what is good is kept, or with Ctrl-C nothing.
    """
    from matcher.learn.log_import import Asked, Known, import_log  # noqa: PLC0415 - loads DuckDB

    with door() as opened, _plainly("Nothing was imported."):
        with opened.unit_of_work() as work:
            catalogs = frozenset(row.version for row in work.publications.catalogs())

        def served(slate_ids: Sequence[UUID]) -> list[UUID]:
            with opened.unit_of_work() as work:
                return work.written_log.served(slate_ids)

        report = import_log(
            folder,
            Asked(origin, whoami().name, only_check=check),
            opened.settings.store,
            Known(catalogs, served, opened.clock.now()),
            _tell,
        )
        if not (check or report.refused):
            _audit(opened, "log.import", report.id, report.document())
    if as_json:
        show_json({**report.document(), "checked_only": check})
    else:
        _say_report(report.document(), check=check)
    if report.refused:
        raise SystemExit(1)


@events.command(name="list")
@as_json_option
def list_(*, as_json: bool) -> None:
    """List the imported logs that rankers learn from."""
    with door() as opened:
        logs = [read_imported(log)["imported"] for log in imported_logs(opened.settings.store)]
    if as_json:
        show_json(logs)
        return
    if not logs:
        click.echo("No log was imported.")
    for log in logs:
        click.echo(
            f"{log['id']}  {log['origin']}: {log['kept']['listings']:,} listings, "
            f"{log['kept']['events']:,} events; {log['at'][:10]} by {log['by']}"
        )


@events.command()
@click.argument("identifier", metavar="ID")
@as_json_option
def remove(identifier: str, *, as_json: bool) -> None:
    """Remove an imported log. Rankers that learned from it stay as they are."""
    from matcher.learn.log_import import remove_imported  # noqa: PLC0415 - loads DuckDB

    with door() as opened, _plainly("Run it again to remove the rest."):
        removed = remove_imported(opened.settings.store, identifier)["imported"]
        _audit(opened, "log.remove", identifier, {"origin": removed["origin"]})
    if as_json:
        show_json({"removed": identifier, "origin": removed["origin"]})
    else:
        click.echo(f"Removed {identifier} of {removed['origin']}.")


def _window(since: datetime | None, until: datetime | None, *, real_only: bool) -> LogWindow:
    begin, end = (moment and moment.replace(tzinfo=UTC) for moment in (since, until))
    if begin and end and begin >= end:
        raise click.UsageError("--since must be before --until.")
    return LogWindow(begin, end, real_only)


@contextmanager
def _plainly(otherwise: str) -> Iterator[None]:
    """Say plainly what was left when files could not be read or written, or somebody stopped it."""
    from duckdb import Error  # noqa: PLC0415 - these commands alone use it

    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"Stopped. {otherwise}", err=True)
        raise SystemExit(130) from None
    except (OSError, Error) as error:
        first = str(error).partition("\n")[0]
        raise click.ClickException(f"{first}\n{otherwise}") from error


def _audit(opened: Door, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    with opened.unit_of_work() as work:
        work.organizations.record_audit(whoami(), action, subject, detail, opened.clock.now())


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _tell_rows(table: str, rows: int) -> None:
    _tell(f"{rows:,} {table}")


def _say_report(report: Mapping[str, Any], *, check: bool) -> None:
    for table, reasons in report["set_aside"].items():
        for reason, count in reasons.items():
            click.echo(f"  set aside: {count:,} {table}, {reason}")
    for line in report["refused"]:
        click.echo(f"  refused: {line}", err=True)
    if report["refused"]:
        click.echo("Nothing was imported.", err=True)
        return
    kept = f"{report['kept']['listings']:,} listings and {report['kept']['events']:,} events"
    if check:
        click.echo(f"{kept} would be kept.")
    else:
        click.echo(f"{kept} of {report['origin']} are kept as {report['id']}.")
