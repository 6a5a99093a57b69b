"""``schoolmatch ranker``: fit the prior, train, list, promote and roll back rankers."""

import json
from collections.abc import Callable
from typing import Any, Literal

import click

from commands.doors import Door, door
from commands.ranker_bench import bench
from commands.ranker_challenge import canary, shadow, stop
from commands.ranker_files import open_known, ranker_folder
from commands.ranker_runs import cancel, runs
from commands.ranker_show import show
from commands.ranker_train import train
from commands.ranker_watch import traffic, watch
from models.domain.publication import previous_version
from service.steps.put_in_service import Publishing, put_in_service

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_BY = "command"
_Way = Literal["wait", "promote", "back"]


@click.group()
def ranker() -> None:
    """Train, list, promote and roll back rankers."""


for _each in (bench, train, runs, cancel, show, shadow, canary, stop, watch, traffic):
    ranker.add_command(_each)


@ranker.command(name="fit-prior")
@click.option("--promote/--no-promote", default=False, help="Put it in service at once.")
@_as_json
def fit_prior_ranker(*, promote: bool, as_json: bool) -> None:
    """Fit the ranker of a fresh installation to the published rules."""
    from matcher.learn.artefact import RankerStore  # noqa: PLC0415 - loads skops, here only
    from matcher.learn.prior import fit_prior  # noqa: PLC0415 - loads scikit-learn, here only

    with door() as opened:
        store = opened.settings.store
        with opened.unit_of_work() as work:
            published = work.publications.current()["catalog"]
        catalog = store / "catalog" / published if published else None
        signing = RankerStore(store, opened.settings.ranker_key)
        version = fit_prior(signing, catalog, lambda line: click.echo(line, err=True))
        _finish(opened, version, "prior fitted", "promote" if promote else "wait", as_json=as_json)


@ranker.command(name="list")
@_as_json
def list_rankers(*, as_json: bool) -> None:
    """List the rankers we know of, newest first; * is champion."""
    with door() as opened:
        with opened.unit_of_work() as work:
            known, champion = work.publications.rankers(), work.publications.current()["ranker"]
        rows = [
            {
                "version": row.version,
                "provenance": row.provenance,
                "created_at": row.created_at.isoformat(),
                "champion": row.version == champion,
                "here": (ranker_folder(opened, row.version) / "manifest.json").exists(),
            }
            for row in known
        ]
        _print(rows, _listed, as_json=as_json)


@ranker.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why, for the history.")
@_as_json
def promote(version: str, reason: str, *, as_json: bool) -> None:
    """Make VERSION the champion, when it passes its gate; nothing opens the gate but passing."""
    with door() as opened:
        _finish(opened, version, reason, "promote", as_json=as_json)


@ranker.command()
@click.option("--reason", default="rolled back", help="Why, for the history.")
@_as_json
def rollback(reason: str, *, as_json: bool) -> None:
    """Make the champion before this one champion again."""
    with door() as opened:
        with opened.unit_of_work() as work:
            before = previous_version(work.publications.history("ranker"))
        if before is None:
            raise click.ClickException("No other ranker has served before; there is no way back.")
        _finish(opened, before, reason, "back", as_json=as_json)


def _finish(opened: Door, version: str, reason: str, way: _Way, *, as_json: bool) -> None:
    """Make a verified ranker known and, when asked and its gate lets it, champion."""
    served = open_known(opened, version)
    now, production = opened.clock.now(), opened.settings.production
    with opened.unit_of_work() as work:
        work.publications.add_ranker(version, served.provenance, served.card, now)
        before = work.publications.current()["ranker"]
        if way != "wait":
            back = way == "back"
            put_in_service(work, served, Publishing(_BY, reason, now, production, back=back))
    result = {
        "version": version,
        "provenance": served.provenance,
        "champion": way != "wait" or before == version,
        "before": before,
    }
    _print(result, _finished, as_json=as_json)


def _print(value: Any, plain: Callable[[Any], list[str]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(value, indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(plain(value)))


def _listed(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["No ranker yet: schoolmatch ranker fit-prior --promote"]
    return [
        f"{'*' if row['champion'] else ' '} {row['version']}  {row['provenance']:<10}"
        f"{row['created_at'][:16]}{'' if row['here'] else '  (files are not on this machine)'}"
        for row in rows
    ]


def _finished(result: dict[str, Any]) -> list[str]:
    if result["champion"]:
        before = result["before"]
        was = f" It was {before} before." if before and before != result["version"] else ""
        return [f"Ranker {result['version']} ({result['provenance']}) is champion.{was}"]
    return [
        f"Ranker {result['version']} ({result['provenance']}) is ready and waits.",
        f"Make it champion: schoolmatch ranker promote {result['version']} --reason …",
    ]
