"""Arguments of the form ``name=value``, and results as JSON or as aligned text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def read_changes(arguments: Sequence[str]) -> dict[str, str]:
    """Read ``name=value`` arguments.

    Raises:
        click.UsageError: naming the first that is not one, or that comes twice.
    """
    changes: dict[str, str] = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or not name:
            raise click.UsageError(f"“{argument}” is not a change; write NAME=VALUE.")
        if name in changes:
            raise click.UsageError(f"“{name}” is given twice.")
        changes[name] = value
    return changes


def show_json(value: Any) -> None:
    """Print a result for a program to read."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
    """Print rows for a person to read; ``empty`` stands for none."""
    if not rows:
        click.echo(empty)
        return
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [["" if row[c] is None else str(row[c]) for c in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
