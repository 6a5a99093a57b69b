"""``schoolmatch ranker watch`` and ``traffic``: what became of the champion since it serves."""

import json
from dataclasses import asdict
from functools import partial
from typing import Any

import click

from commands.doors import door
from models.domain.watch import RankerWatch, Seen, TrafficDay
from service.steps.watch_champion import MOST_DAYS, traffic_since
from workers.training.retrain import open_champion
from workers.training.watching import watch_and_count

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@_as_json
def watch(*, as_json: bool) -> None:
    """Look at the champion now: drift, requests, chances, steering, since it serves.

    Ends with status 1 while there is an alarm. The training worker looks every five minutes.
    """
    with door() as opened:
        ranker = partial(open_champion, opened.settings.store, opened.settings.ranker_key)
        found = watch_and_count(opened.unit_of_work, opened.clock, ranker)
    if found is None:
        raise click.ClickException("No ranker serves.")
    if as_json:
        click.echo(json.dumps(_document(found), indent=1))
    else:
        click.echo(f"Ranker {found.version}: {found.searches:,} searches since {found.since:%F %R}")
        for figure in found.figures:
            value = "too little to tell" if figure.value is None else f"{figure.value:.4g}"
            judged = "" if figure.judged is None else f", judged at {figure.judged:.4g}"
            mark, about = "ALARM" if figure.alarm else "", figure.about and f" ({figure.about})"
            limit = f"limit {figure.limit:g}"
            click.echo(f"  {figure.name:<12}{value}{about}{judged}; {limit}  {mark}".rstrip())
    if found.alarms:
        raise SystemExit(1)


@click.command()
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=14, show_default=True)
@_as_json
def traffic(days: int, *, as_json: bool) -> None:
    """Print each day's searches, steering index and requests per impression."""
    with door() as opened:
        found = traffic_since(opened.unit_of_work, opened.clock.now(), days)
    if as_json:
        click.echo(json.dumps([_day(each) for each in found], indent=1))
        return
    for each in found:
        kind = "simulated" if each.simulated else "real"
        click.echo(
            f"{each.day}  {kind:<9}  {each.searches:>9,} searches  "
            f"steering {each.steering_mean:.4f} (most {each.steering_most:.4f})  "
            f"requests per impression: organic {_rate(each.organic)}, "
            f"sponsored {_rate(each.sponsored)}"
        )
    if not found:
        click.echo("Nothing counted yet: schoolmatch ranker watch")


def _rate(seen: Seen) -> str:
    rate = seen.requests_per_impression
    return "-" if rate is None else f"{rate:.4f} of {seen.seen:,}"


def _document(found: RankerWatch) -> dict[str, Any]:
    return {
        "version": found.version,
        "at": found.at.isoformat(),
        "since": found.since.isoformat(),
        "searches": found.searches,
        "alarms": [figure.name for figure in found.alarms],
        "figures": found.document(),
    }


def _day(each: TrafficDay) -> dict[str, Any]:
    return {**asdict(each), "day": each.day.isoformat()}
