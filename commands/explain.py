"""``schoolmatch explain``: why a listing stands where it stands, replayed from what was kept."""

import json
from typing import Any

import click

from commands.doors import Door, door
from matcher.match import Engine, open_engine
from models.domain.ids import Prefix, read
from service.steps.explain_slate import explain as explain_kept
from service.steps.explain_slate import find_slate


@click.command()
@click.argument("slate_id", metavar="SLATE")
@click.argument("listing")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def explain(slate_id: str, listing: str, *, as_json: bool) -> None:
    """Say why a LISTING stands where it stands on a SLATE.

    LISTING is a listing's id, a position, or the id of a program (prog_…): where it stands on the
    slate, or why it does not. The slate is drawn again from what was kept, and compared with what
    was served, bit for bit; a difference ends with status 1.
    """
    with door() as opened:
        kept = find_slate(opened.unit_of_work, read(Prefix.SLATE, slate_id))
        result = explain_kept(lambda *versions: engine_of(opened, *versions), kept, listing)
        _say(result, as_json=as_json)
        if result.get("replay") == "different":
            raise SystemExit(1)


def engine_of(opened: Door, catalog: str, ranker: str) -> Engine | None:
    """Open a catalog and a ranker by their versions; None when their files are not here."""
    store = opened.settings.store
    try:
        return open_engine(
            store / "catalog" / catalog, store / "ranker" / ranker, opened.ranker_key
        )
    except FileNotFoundError:
        return None


def _say(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for name, value in result.items():
        if name == "features":
            click.echo("features")
            for line in value:
                adds = "" if line["adds"] is None else f"{line['adds']:+.3f}"
                click.echo(f"  {line['name']:<18}{line['code']:>3}  {adds:>8}  {line['meaning']}")
        else:
            click.echo(f"{name:<18}{_plain(value)}")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
