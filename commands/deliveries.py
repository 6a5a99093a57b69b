"""``schoolmatch deliveries``: list what was sent where, and send again what was settled."""

from typing import Any

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import door, whoami
from models.domain.delivery import DeliveryStatus, DeliverySummary
from models.domain.ids import Prefix, read, show

_COLUMNS = ("id", "status", "purpose", "attempts", "last", "created_at", "destination", "lead_id")


@click.group()
def deliveries() -> None:
    """One lead to one destination for one purpose."""


@deliveries.command("list")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in DeliveryStatus]),
    help="Only deliveries that stand there; may be given several times.",
)
@click.option("--lead", "lead_id", metavar="ID", help="Only deliveries of this lead.")
@click.option("--destination", "destination_id", metavar="ID", help="Only to this destination.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
def list_deliveries(
    *,
    statuses: tuple[str, ...],
    lead_id: str | None,
    destination_id: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries, the newest first, without anything of their students."""
    with door() as opened, opened.unit_of_work() as work:
        found = work.deliveries.listed(
            [DeliveryStatus(status) for status in statuses],
            None if lead_id is None else read(Prefix.LEAD, lead_id),
            None if destination_id is None else read(Prefix.DESTINATION, destination_id),
            limit,
        )
    rows = [_row(each) for each in found]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        code = "" if row["code"] is None else f" ({row['code']})"
        row["last"] = f"{row['reason'] or ''}{code}"
        row["destination"] = f"{row['organization']}: {row['destination_name']}"
    show_table(rows, _COLUMNS, "There are no such deliveries.")


@deliveries.command()
@click.argument("delivery_id", metavar="ID")
@as_json_option
def replay(delivery_id: str, *, as_json: bool) -> None:
    """Send a settled delivery again as it was: same id, same bytes.

    A receiver that had it knows it by its id. A lead takes its place under its campaign's caps
    again; when there is none left, nothing is sent.
    """
    with door() as opened, opened.unit_of_work() as work:
        identifier = read(Prefix.DELIVERY, delivery_id)
        before = work.deliveries.get(identifier)
        work.deliveries.replay(identifier)
        detail = {"from": before.status.value, "attempts": before.attempts}
        now = opened.clock.now()
        work.organizations.record_audit(whoami(), "delivery.replay", delivery_id, detail, now)
        after = work.deliveries.get(identifier)
    if as_json:
        show_json(_row(after))
        return
    click.echo(
        f"{delivery_id} was {before.status.value} and is {after.status.value} again; a worker "
        "takes it within a second or two."
    )


def _row(each: DeliverySummary) -> dict[str, Any]:
    return {
        "id": show(Prefix.DELIVERY, each.id),
        "lead_id": None if each.lead_id is None else show(Prefix.LEAD, each.lead_id),
        "destination_id": show(Prefix.DESTINATION, each.destination_id),
        "destination_name": each.destination_name,
        "organization": each.organization_name,
        "purpose": each.purpose.value,
        "status": each.status.value,
        "attempts": each.attempts,
        "reason": each.reason,
        "code": each.code,
        "created_at": each.created_at.isoformat(timespec="seconds"),
        "due_at": each.due_at.isoformat(timespec="seconds"),
        "settled_at": each.settled_at and each.settled_at.isoformat(timespec="seconds"),
    }
