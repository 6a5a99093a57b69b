"""``schoolmatch dispositions``: take in what a school says became of its leads."""

from pathlib import Path

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import door, whoami
from commands.statement import find_organization
from models.domain.ids import Prefix, show
from service.steps.import_dispositions import import_dispositions


@click.group()
def dispositions() -> None:
    """What became of leads, as their schools say."""


@dispositions.command("import")
@click.argument("organization")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json_option
def import_table(organization: str, table: Path, *, as_json: bool) -> None:
    """Take in TABLE, a CSV file of ORGANIZATION: lead_id, status, and reason and at if known.

    The first line names the columns. Rows that cannot count are listed with the reason; the same
    table again changes nothing.
    """
    with door() as opened:
        with opened.unit_of_work() as work:
            owner = find_organization(work, organization)
        result = import_dispositions(opened, owner.id, table.read_bytes())
        with opened.unit_of_work() as work:
            detail = {"kept": result.kept, "refused": len(result.refused)}
            shown = show(Prefix.ORGANIZATION, owner.id)
            now = opened.clock.now()
            work.organizations.record_audit(whoami(), "dispositions.import", shown, detail, now)
    refused = [{"line": row.line, "lead_id": row.lead_id, "why": row.why} for row in result.refused]
    if as_json:
        show_json({"kept": result.kept, "refused": refused})
        return
    click.echo(f"{result.kept} kept, {len(refused)} refused")
    if refused:
        show_table(refused, ("line", "lead_id", "why"), "")
