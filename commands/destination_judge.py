"""``schoolmatch destination judge``: what an answer of a school's system means by its rules."""

from collections.abc import Mapping
from typing import Any, BinaryIO

import click

from commands.changes import as_json_option, show_json
from commands.doors import door
from models.domain.clock import SystemClock
from models.domain.ids import Prefix, read
from models.exchange.outcome_rules import Answer, Judged, judge, read_rules
from models.exchange.presets import PRESETS

_MOST_READ = 1_000_000


@click.command("judge")
@click.argument("whose", metavar="PRESET|ID")
@click.argument("answer", type=click.File("rb"), default="-")
@click.option("--code", type=click.IntRange(100, 599), default=200, show_default=True)
@click.option("--retry-after", help="The header of that name, if there was one.")
@click.option("--ping", is_flag=True, help="By the rules of the ping.")
@as_json_option
def judge_answer(  # noqa: PLR0913 - its options
    whose: str,
    answer: BinaryIO,
    code: int,
    retry_after: str | None,
    *,
    ping: bool,
    as_json: bool,
) -> None:
    """Say what an answer means by the outcome rules of a preset or a destination.

    ANSWER is a file with the body as it came; standard input when it is left out. Nothing is sent
    and nothing is kept.
    """
    name = "ping_outcomes" if ping else "outcomes"
    rules = _settings(whose).get(name)
    if rules is None:
        raise click.ClickException(f"{whose} has no {name}: its answers are judged by code alone.")
    said = Answer(code, answer.read(_MOST_READ), retry_after)
    meant = meaning(judge(said, read_rules(rules), SystemClock().now()))
    if as_json:
        show_json(meant)
    else:
        tell(meant)


def meaning(judged: Judged) -> dict[str, Any]:
    """Lay out what an answer means."""
    return {
        "outcome": judged.outcome.status.value,
        "reason": judged.outcome.reason,
        "rule": judged.rule,
        "said": judged.said,
        "reference": judged.outcome.reference,
        "price": judged.price,
    }


def tell(meant: Mapping[str, Any]) -> None:
    """Print what an answer means."""
    click.echo(f"Outcome: {meant['outcome']} ({meant['reason']})")
    click.echo(f"Rule:    {meant['rule'] or 'none'}")
    for label, key in (("Said", "said"), ("Their id", "reference"), ("Price", "price")):
        if meant[key]:
            click.echo(f"{label + ':':<9}{meant[key]}")


def _settings(whose: str) -> Mapping[str, Any]:
    preset = PRESETS.get(whose)
    if preset is not None:
        return preset.expand(preset.examples)[0]
    with door() as opened, opened.unit_of_work() as work:
        return work.destinations.get(read(Prefix.DESTINATION, whose)).settings
