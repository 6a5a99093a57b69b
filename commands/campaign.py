"""``schoolmatch campaign``: list campaigns, change their terms, pause and resume them."""

from typing import Any

import click

from commands.changes import as_json_option, read_changes, show_json, show_table
from commands.doors import door, whoami
from models.domain.campaign import Campaign, CampaignStatus
from models.domain.campaign_changes import money
from models.domain.caps import BUDGETS, calendar
from models.domain.ids import Prefix, read, show
from service.steps.change_campaign import change_terms, move_campaign


@click.group()
def campaign() -> None:
    """Paid placement: price, targeting, caps, schedule."""


@campaign.command("list")
@as_json_option
def list_campaigns(*, as_json: bool) -> None:
    """List every campaign."""
    with door() as opened, opened.unit_of_work() as work:
        rows = [_row(each) for each in work.campaigns.all()]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        row |= {
            "schools": len(row["settings"]["unitids"]),
            "caps": _caps(row["settings"]["caps"], row["currency"]),
        }
    columns = ("id", "status", "price", "schools", "caps", "version", "organization")
    show_table(rows, columns, "There are no campaigns.")


@campaign.command("set")
@click.argument("campaign_id", metavar="ID")
@click.argument("changes", metavar="NAME=VALUE…", nargs=-1, required=True)
@as_json_option
def set_terms(campaign_id: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Change a campaign: price=12.50 day=20 states=NY,NJ …; an empty value clears.

    Names: price, currency, hour, day, week, month, total (leads), day_budget, week_budget,
    month_budget, total_budget (money), unitids, cips, credential_levels, education_levels, states,
    zone (holds from its next midnight), starts_at, ends_at, weekdays, opens, closes, holidays,
    reserve, return_window_days, return_quota_percent.
    """
    wanted = read_changes(changes)
    with door() as opened, opened.unit_of_work() as work:
        found = work.campaigns.get(read(Prefix.CAMPAIGN, campaign_id))
        after = change_terms(work, whoami(), found, wanted, opened.clock.now())
    _report(after, f"Version {after.current.version} holds from now on", as_json=as_json)


@campaign.command()
@click.argument("campaign_id", metavar="ID")
@as_json_option
def pause(campaign_id: str, *, as_json: bool) -> None:
    """Stop placing a campaign; what students already asked for is still delivered."""
    _move(campaign_id, CampaignStatus.PAUSED, as_json=as_json)


@campaign.command()
@click.argument("campaign_id", metavar="ID")
@as_json_option
def resume(campaign_id: str, *, as_json: bool) -> None:
    """Place a paused or new campaign again."""
    _move(campaign_id, CampaignStatus.ACTIVE, as_json=as_json)


def _move(campaign_id: str, status: CampaignStatus, *, as_json: bool) -> None:
    with door() as opened, opened.unit_of_work() as work:
        before = work.campaigns.get(read(Prefix.CAMPAIGN, campaign_id))
        after = move_campaign(work, whoami(), before, status, opened.clock.now())
    said = "was already" if before.status is status else "is now"
    _report(after, f"{campaign_id} {said} {status.value}", as_json=as_json)


def _report(campaign: Campaign, text: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_row(campaign))
        return
    row = _row(campaign)
    click.echo(f"{text}: {row['price']}, caps {_caps(row['settings']['caps'], row['currency'])}")


def _row(campaign: Campaign) -> dict[str, Any]:
    current = campaign.current
    return {
        "id": show(Prefix.CAMPAIGN, campaign.id),
        "name": campaign.name,
        "organization": campaign.organization_name,
        "fictional": campaign.fictional,
        "status": campaign.status.value,
        "version": current.version,
        "price": money(current.price_minor, current.currency),
        "price_minor": current.price_minor,
        "currency": current.currency,
        "settings": current.settings.document(),
    }


def _caps(caps: dict[str, int | None], currency: str) -> str:
    limits = [
        (f"{money(limit, currency)} " if period in BUDGETS else f"{limit} ") + _each(period)
        for period, limit in caps.items()
        if limit is not None
    ]
    return ", ".join(limits) or "none"


def _each(period: str) -> str:
    words = {"hour": "an hour", "total": "in total"}
    return words.get(calendar(period), f"a {calendar(period)}")
