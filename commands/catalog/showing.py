"""How the catalog commands say things: steps to standard error, results to standard output."""

from dataclasses import asdict
from typing import Any, NoReturn

import click

from commands.changes import show_json
from matcher.ingest.tables import ImportRefusedError

_MOST_LINES = 20


def say(line: str) -> None:
    """Tell a step."""
    click.echo(line, err=True)


def refuse(error: ImportRefusedError, *, as_json: bool) -> NoReturn:
    """Tell what is wrong with a file and what to do.

    Raises:
        click.ClickException: always.
    """
    if as_json:
        problems = [asdict(problem) for problem in error.problems]
        show_json({"published": False, "errors": problems})
    lines = [problem.line for problem in error.problems[:_MOST_LINES]]
    if len(error.problems) > _MOST_LINES:
        lines.append(f"and {len(error.problems) - _MOST_LINES:,} more")
    lines.append(
        "Nothing was published. Mend the rows, or leave them out: --accept-good-rows"
        if error.by_row
        else "Nothing was published."
    )
    raise click.ClickException("\n".join(lines)) from error


def finished(result: dict[str, Any], *, as_json: bool) -> None:
    """Tell what came of a build."""
    if as_json:
        show_json(result)
        return
    state = "is in service" if result["published"] else "is built and not yet in service"
    counts = result["counts"]
    click.echo(f"Catalog {result['version']} {state}.")
    click.echo(
        f"{counts['programs']:,} programs; places: {_tally(counts, 'programs_by_precision')}"
    )
    click.echo(f"How they are taught: {_tally(counts, 'formats')}")
    for row in result["imports"]:
        click.echo(f"With {row['name']} ({row['kind'].replace('_', ' ')}, {row['release']})")
    if not result["published"]:
        click.echo(f"Put it in service: schoolmatch catalog publish {result['version']}")


def listed(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Tell which catalogs there are."""
    if as_json:
        show_json(rows)
        return
    if not rows:
        click.echo("No catalog yet: schoolmatch catalog build --publish")
    for row in rows:
        names = ", ".join(one["name"] for one in row["imports"])
        click.echo(
            f"{'*' if row['published'] else ' '} {row['version']}  {row['created_at'][:16]}  "
            f"{row['counts'].get('programs', 0):,} programs"
            f"{f', with {names}' if names else ''}"
            f"{'' if row['here'] else '  (files are not on this machine)'}"
        )


def compared(changes: dict[str, Any], *, as_json: bool) -> None:
    """Tell how two catalogs differ."""
    if as_json:
        show_json(changes)
        return
    for name, value in changes.items():
        if isinstance(value, dict):
            for column, count in value.items():
                if count:
                    click.echo(f"{name} {column}: {count:,}")
        else:
            click.echo(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


def _tally(counts: dict[str, Any], name: str) -> str:
    return ", ".join(f"{key} {count:,}" for key, count in counts.get(name, {}).items())
