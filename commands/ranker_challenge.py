"""``schoolmatch ranker shadow``, ``canary`` and ``stop``: a ranker on its way to serve."""

import json

import click

from commands.doors import Door, door
from commands.ranker_files import open_known
from models.domain.challenge import MOST_SHARE, Stage
from service.steps.put_in_service import Publishing, challenge, stop_challenge

_reason = click.option("--reason", default="", help="Why, for the history.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("version")
@_reason
@_as_json
def shadow(version: str, reason: str, *, as_json: bool) -> None:
    """Let every web process open VERSION, when it passes its gate; nobody is shown it."""
    _move(version, Stage.SHADOW, 0.0, reason, as_json=as_json)


@click.command()
@click.argument("version")
@click.option(
    "--share",
    type=click.FloatRange(0, MOST_SHARE, min_open=True),
    default=5.0,
    show_default=True,
    help="Per cent of new slates.",
)
@_reason
@_as_json
def canary(version: str, share: float, reason: str, *, as_json: bool) -> None:
    """Let VERSION, which is in shadow, draw a share of the slates."""
    _move(version, Stage.CANARY, share, reason, as_json=as_json)


@click.command()
@_reason
@_as_json
def stop(reason: str, *, as_json: bool) -> None:
    """Take what is in shadow or canary out of both, at once."""
    with door() as opened:
        with opened.unit_of_work() as work:
            version = stop_challenge(work, _publishing(opened, reason))
        if version is None:
            raise click.ClickException("No ranker is in shadow or canary.")
        _print({"version": version, "stage": Stage.CANDIDATE, "share": 0.0}, as_json=as_json)


def _move(version: str, stage: Stage, share: float, reason: str, *, as_json: bool) -> None:
    with door() as opened:
        ranker = open_known(opened, version)
        with opened.unit_of_work() as work:
            challenge(work, ranker, (stage, share), _publishing(opened, reason))
        _print({"version": version, "stage": stage, "share": share}, as_json=as_json)


def _publishing(opened: Door, reason: str) -> Publishing:
    return Publishing("command", reason, opened.clock.now(), opened.settings.production)


def _print(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=1))
    elif told["share"]:
        click.echo(f"Ranker {told['version']} draws {told['share']} % of new slates.")
    else:
        click.echo(f"Ranker {told['version']} is {told['stage']}; nobody is shown what it draws.")
