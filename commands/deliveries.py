"""``schoolmatch deliveries``: list what was sent where, and send again what was settled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import door, whoami
from models.domain.delivery import LOST, Attempt, DeliveryStatus, DeliverySummary
from models.domain.ids import Prefix, read, show
from models.domain.ports.unit_of_work import UnitOfWork
from service.steps.replay_deliveries import replay_each, replay_one

_COLUMNS = ("id", "status", "purpose", "attempts", "last", "created_at", "destination", "lead_id")

_OF_A_TRY = ("number", "started_at", "step", "outcome", "reason", "code", "latency_ms")

_MOMENT = click.DateTime()
_MOST_REPLAYED, _TELL_EVERY = 10_000, 100


@click.group()
def deliveries() -> None:
    """One lead to one destination for one purpose."""


def _filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the filters of a list."""
    for option in (
        click.option("--until", type=_MOMENT, help="Only deliveries made before then (UTC)."),
        click.option("--since", type=_MOMENT, help="Only deliveries made from then on (UTC)."),
        click.option("--destination", metavar="ID", help="Only to this destination."),
        click.option("--lead", metavar="ID", help="Only deliveries of this lead."),
        click.option(
            "--status",
            "statuses",
            multiple=True,
            type=click.Choice([status.value for status in DeliveryStatus]),
            help="Only deliveries that stand there; may be given several times.",
        ),
    ):
        command = option(command)
    return command


@deliveries.command("list")
@_filtered
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
def list_deliveries(*, limit: int, as_json: bool, **wishes: Any) -> None:
    """List deliveries, the newest first, without anything of their students."""
    with door() as opened, opened.unit_of_work() as work:
        found = _find(work, limit, **wishes)
    rows = [_row(each) for each in found]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        code = "" if row["code"] is None else f" ({row['code']})"
        row["last"] = f"{row['reason'] or ''}{code}"
        mailed = " (e-mail to its contact)" if row["by_mail"] else ""
        row["destination"] = f"{row['organization']}: {row['destination_name']}{mailed}"
    show_table(rows, _COLUMNS, "There are no such deliveries.")


@deliveries.command("show")
@click.argument("delivery_id", metavar="ID")
@as_json_option
def show_delivery(delivery_id: str, *, as_json: bool) -> None:
    """Show a delivery with each try at it, without anything of its student."""
    wanted = read(Prefix.DELIVERY, delivery_id)
    with door() as opened, opened.unit_of_work() as work:
        row = _row(work.deliveries.get(wanted))
        tries = [_try(each) for each in work.deliveries.attempts([wanted]).get(wanted, ())]
    if as_json:
        show_json({**row, "tries": tries})
        return
    for name, value in row.items():
        click.echo(f"{name:<16}  {'' if value is None else value}")
    click.echo()
    show_table(tries, _OF_A_TRY, "It was not tried yet.")


@deliveries.command()
@click.argument("delivery_id", metavar="[ID]", required=False)
@_filtered
@click.option(
    "--anew",
    is_flag=True,
    help="Render it by what is set up now: a new delivery takes its place, with an id of its own.",
)
@click.option(
    "--limit",
    default=1000,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Of those that a filter finds, the oldest.",
)
@as_json_option
def replay(
    delivery_id: str | None, *, anew: bool, limit: int, as_json: bool, **wishes: Any
) -> None:
    """Send settled deliveries again: one by its ID, or all that filters find.

    As they were, with the same id and the same bytes, so that a receiver that had one knows it
    again; or --anew. Filters without --status mean what failed, expired or was set aside as poison.
    A lead takes its place under its campaign's caps again; when there is none left, it is not
    sent. Each is done by itself: after Ctrl-C, what was done stays done.
    """
    filtered = any(wishes.values())
    if filtered == (delivery_id is not None):
        raise click.UsageError("Give one ID, or say which with --status, --destination, --since …")
    if delivery_id is not None:
        after = _replay_one(delivery_id, anew=anew)
        if as_json:
            show_json(_row(after))
            return
        click.echo(
            f"{show(Prefix.DELIVERY, after.id)} is {after.status.value}; a worker takes it within "
            "a second or two."
        )
        return
    wishes["statuses"] = wishes["statuses"] or LOST
    told = _replay_all(wishes, limit, anew=anew)
    if as_json:
        show_json(told)
        return
    for each in told["refused"]:
        click.echo(f"{each['id']}: {each['why']}")
    click.echo(f"{told['replayed']} of {told['found']} are sent again.")


def _replay_one(delivery_id: str, *, anew: bool) -> DeliverySummary:
    with door() as opened, opened.unit_of_work() as work:
        which, now = read(Prefix.DELIVERY, delivery_id), opened.clock.now()
        return work.deliveries.get(replay_one(work, which, whoami(), now, anew=anew))


def _replay_all(wishes: Mapping[str, Any], limit: int, *, anew: bool) -> dict[str, Any]:
    refused: list[dict[str, str]] = []
    with door() as opened:
        with opened.unit_of_work() as work:
            found = [each.id for each in _find(work, _MOST_REPLAYED, **wishes)[::-1][:limit]]
        again = replay_each(opened.unit_of_work, found, whoami(), opened.clock, anew=anew)
        for done, (each, error) in enumerate(again, start=1):
            if error is not None:
                refused.append({"id": show(Prefix.DELIVERY, each), "why": str(error)})
            if done % _TELL_EVERY == 0:
                click.echo(f"{done} of {len(found)}", err=True)
    return {"found": len(found), "replayed": len(found) - len(refused), "refused": refused}


def _find(  # noqa: PLR0913 - the filters
    work: UnitOfWork,
    limit: int,
    *,
    statuses: Sequence[str],
    lead: str | None,
    destination: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[DeliverySummary]:
    return work.deliveries.listed(
        [DeliveryStatus(status) for status in statuses],
        None if lead is None else read(Prefix.LEAD, lead),
        None if destination is None else read(Prefix.DESTINATION, destination),
        limit,
        (since and since.replace(tzinfo=UTC), until and until.replace(tzinfo=UTC)),
    )


def _row(each: DeliverySummary) -> dict[str, Any]:
    return {
        "id": show(Prefix.DELIVERY, each.id),
        "lead_id": None if each.lead_id is None else show(Prefix.LEAD, each.lead_id),
        "destination_id": show(Prefix.DESTINATION, each.destination_id),
        "destination_name": each.destination_name,
        "organization": each.organization_name,
        "purpose": each.purpose.value,
        "by_mail": each.by_mail,
        "status": each.status.value,
        "attempts": each.attempts,
        "reason": each.reason,
        "code": each.code,
        "created_at": each.created_at.isoformat(timespec="seconds"),
        "due_at": each.due_at.isoformat(timespec="seconds"),
        "settled_at": each.settled_at and each.settled_at.isoformat(timespec="seconds"),
    }


def _try(each: Attempt) -> dict[str, Any]:
    return {
        "number": each.number,
        "started_at": each.started_at.isoformat(timespec="milliseconds"),
        "finished_at": each.finished_at and each.finished_at.isoformat(timespec="milliseconds"),
        "step": each.step.value,
        "outcome": each.outcome and each.outcome.value,
        "reason": each.reason,
        "code": each.code,
        "latency_ms": each.latency_ms,
    }
