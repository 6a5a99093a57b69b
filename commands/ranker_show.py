"""``schoolmatch ranker show``: a ranker's card, and who put it in service and why."""

import json
from typing import Any

import click

from commands.doors import Door, door
from commands.ranker_files import open_known
from matcher.card import card_markdown
from models.domain.publication import Publication


@click.command()
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def show(version: str, *, as_json: bool) -> None:
    """Print the card of VERSION, from its verified files, and its history."""
    with door() as opened:
        card = dict(open_known(opened, version).card)
        history = _history(opened, version)
        if as_json:
            click.echo(json.dumps({"card": card, "history": history}, indent=1, ensure_ascii=False))
            return
        click.echo(card_markdown(card), nl=False)
        click.echo("\n## In service\n")
        for row in history:
            click.echo(f"- {row['at'][:16]} by {row['by']}: {row['reason']}")
        if not history:
            click.echo("Never yet.")


def _history(opened: Door, version: str) -> list[dict[str, Any]]:
    with opened.unit_of_work() as work:
        rows: tuple[Publication, ...] = work.publications.history("ranker")
    return [
        {"at": row.at.isoformat(), "by": row.by, "reason": row.reason}
        for row in rows
        if row.version == version
    ]
