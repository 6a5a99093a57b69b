"""``schoolmatch ranker train``: from the log to a ranker that waits to be promoted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click

from commands.doors import Door, door, whoami
from commands.ranker_runs import print_run
from config.broker import make_celery, publish_nudge
from config.queues import TRAINING_QUEUE, TRAINING_TASK
from models.db.training_turn import training_turn
from models.domain.gate import failed_rows
from models.domain.matching import PAGE_SIZE
from models.domain.training import AttentionFrom, Step, TrainingRun, Wishes, is_attention
from service.steps.staff_training import ask_training
from workers.training.retrain import Reading, Retraining
from workers.training.turn import train_here

_SAID = {
    Step.READING: "Reading the log",
    Step.FITTING: "Fitting to what visitors did",
    Step.JUDGING: "Judging on newer searches",
    Step.WRITING: "Writing it with its card",
    Step.TABULATING: "Tabulating its scores of every program",
}


@click.command()
@click.option("--since", type=click.DateTime(), help="Leave out searches before this moment (UTC).")
@click.option(
    "--until",
    type=click.DateTime(),
    help="Leave out what was served, or known, after this moment (UTC).",
)
@click.option("--real-only", is_flag=True, help="Leave out simulated searches.")
@click.option(
    "--gains",
    type=(click.FloatRange(0), click.FloatRange(0)),
    default=(1.0, 3.0),
    show_default=True,
    metavar="CLICK REQUEST",
    help="What each is worth.",
)
@click.option(
    "--attention-from",
    type=click.Choice([AttentionFrom.CLICKS.value, AttentionFrom.SWAPS.value]),
    default=AttentionFrom.CLICKS.value,
    show_default=True,
    help="What tells how places are looked at: all clicks, or exploration's swaps alone.",
)
@click.option(
    "--attention",
    callback=lambda _context, _option, text: _read_attention(text) if text else (),
    metavar="1,0.8,…",
    help=f"How likely each of the {PAGE_SIZE} places of a page is looked at, if that is known.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--reason", default="", help="Why, for the history.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler read the log; DASK_SCHEDULER otherwise.",
)
@click.option("--in-worker", is_flag=True, help="Let the training worker do it; do not wait.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train(
    reason: str, *, scheduler: str | None, in_worker: bool, as_json: bool, **wished: Any
) -> None:
    """Train a ranker on what visitors did; it waits until somebody promotes it.

    Learns from clicks and requests in organic places, corrected for where they stood. The same
    log, gains and seed give the same ranker. One is trained at a time, here or by a worker.
    """
    wishes = _wishes(**wished)
    if in_worker and scheduler:
        raise click.UsageError("A worker has its own DASK_SCHEDULER; name one or the other.")
    with door() as opened:
        if in_worker:
            print_run(_ask(opened, wishes, reason), as_json=as_json)
        else:
            retraining = _retraining(opened, scheduler)
            _train(opened, retraining, wishes, reason, as_json=as_json)


def _wishes(attention_from: str, attention: tuple[float, ...], **others: Any) -> Wishes:
    told = AttentionFrom(attention_from)
    if attention and told is AttentionFrom.SWAPS:
        raise click.UsageError("Attention is given or read off swaps; choose one.")
    told = AttentionFrom.GIVEN if attention else told
    return replace(_other_wishes(**others), attention_from=told, attention=attention)


def _other_wishes(
    since: datetime | None,
    until: datetime | None,
    *,
    real_only: bool,
    gains: tuple[float, float],
    seed: int,
) -> Wishes:
    if sum(gains) == 0:
        raise click.UsageError("One of the gains must be more than 0.")
    first, last = (moment.replace(tzinfo=UTC) if moment else None for moment in (since, until))
    return Wishes(first, real_only, *gains, seed, last)


def _read_attention(text: str) -> tuple[float, ...]:
    """Read the attention of each place of a page."""
    try:
        attention = tuple(float(each) for each in text.split(","))
    except ValueError as error:
        raise click.BadParameter("Write numbers with commas between them.") from error
    if not is_attention(attention):
        raise click.BadParameter(
            f"{PAGE_SIZE} numbers are needed, the first 1, all above 0 and at most 1."
        )
    return attention


def _ask(opened: Door, wishes: Wishes, reason: str) -> TrainingRun:
    with opened.unit_of_work() as work:
        run = ask_training(work, wishes, whoami(), reason, opened.clock.now())
    try:
        publish_nudge(make_celery(opened.settings.redis_url), TRAINING_TASK, TRAINING_QUEUE)
    except Exception as error:  # noqa: BLE001 - the worker looks by itself each minute
        click.echo(f"The worker will find it within a minute ({type(error).__name__}).", err=True)
    return run


def _retraining(opened: Door, scheduler: str | None) -> Retraining:
    settings = opened.settings
    reading = Reading(
        timedelta(days=settings.attribution_days),
        settings.training_memory_mib,
        settings.dask_scheduler if scheduler is None else scheduler,
    )
    return Retraining(
        settings.store, settings.ranker_key, opened.unit_of_work, opened.clock, reading
    )


def _train(
    opened: Door, retraining: Retraining, wishes: Wishes, reason: str, *, as_json: bool
) -> None:
    shop = retraining.workshop(partial(training_turn, opened.engine))
    shop = replace(shop, train=lambda run, tell: retraining.train(run, partial(_told, tell)))
    run = train_here(shop, wishes, whoami(), reason)
    if run.version is None:
        raise click.ClickException(run.failure or f"The run is {run.state}.")
    _report(run.version, retraining.open(run.version).card, as_json=as_json)


def _told(tell: Any, step: Step) -> None:
    click.echo(_SAID[step], err=True)
    tell(step)


def _report(version: str, card: Any, *, as_json: bool) -> None:
    told = {
        "version": version,
        "provenance": card["provenance"],
        "champion": False,
        **{name: card[name] for name in ("counts", "set_aside", "metrics", "gate", "parameters")},
    }
    if as_json:
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    click.echo(f"Ranker {version} ({card['provenance']}) is ready and waits.")
    for name, row in card["metrics"]["orders"].items():
        low, high = row["ndcg_10_interval"]
        click.echo(f"  NDCG@10 {name:<9} {row['ndcg_10']:.3f}  (95 %: {low:.3f} to {high:.3f})")
    failed = failed_rows(card)
    for row in failed:
        click.echo(f"  Not passed: {row.said()}")
    if failed:
        click.echo("It does not pass its gate and cannot serve.")
    else:
        click.echo(f"Make it champion: schoolmatch ranker promote {version} --reason …")
