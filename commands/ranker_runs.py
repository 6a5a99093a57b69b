"""``schoolmatch ranker runs`` and ``cancel``: training runs, how far they are, ending one."""

import json
from typing import Any

import click

from commands.doors import door, whoami
from models.domain.ids import Prefix, read, show
from models.domain.training import TrainingRun
from service.steps.staff_training import cancel_training, training

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@_as_json
def runs(*, as_json: bool) -> None:
    """List training runs, the newest first: who asked, how far each is, what came of it."""
    with door() as opened:
        with opened.unit_of_work() as work:
            found = training(work, opened.clock.now())
        if as_json:
            left = found.seconds_left
            rows = [_document(run, left if run == found.open else None) for run in found.runs]
            click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
            return
        for run in found.runs:
            click.echo(_line(run))
        if found.seconds_left is not None:
            click.echo(f"About {found.seconds_left:,.0f} s left, by what the last one took.")
        if found.silent:
            click.echo("Nothing was heard of its worker; the next one that looks begins it anew.")
        if not found.runs:
            click.echo("No run yet: schoolmatch ranker train")


@click.command()
@click.argument("run", required=False)
@click.option("--reason", default="", help="Why, for the audit.")
@_as_json
def cancel(run: str | None, reason: str, *, as_json: bool) -> None:
    """End the training run RUN, or the one that is open."""
    with door() as opened:
        with opened.unit_of_work() as work:
            found = work.training_runs.open()
            if run is not None:
                which = read(Prefix.TRAINING_RUN, run)
            elif found is not None:
                which = found.id
            else:
                raise click.ClickException("No training run waits or runs.")
            cancel_training(work, which, whoami(), reason, opened.clock.now())
            after = work.training_runs.get(which)
        print_run(after, as_json=as_json)


def print_run(run: TrainingRun, *, as_json: bool) -> None:
    """Print one run, and where to look next while it is open."""
    if as_json:
        click.echo(json.dumps(_document(run, None), indent=1, ensure_ascii=False))
        return
    click.echo(_line(run))
    if run.is_open:
        click.echo("How far it is: schoolmatch ranker runs")


def _document(run: TrainingRun, seconds_left: float | None) -> dict[str, Any]:
    return {
        "run": show(Prefix.TRAINING_RUN, run.id),
        "state": run.state,
        "asked_by": run.asked_by,
        "asked_at": run.asked_at.isoformat(),
        "reason": run.reason,
        "wishes": run.wishes.document(),
        "attempts": run.attempts,
        "step": run.step,
        "steps_done": dict(run.took),
        "steps_left": list(run.left) if run.is_open else [],
        "seconds_left": seconds_left,
        "cancel_asked": run.cancel_asked,
        "version": run.version,
        "failure": run.failure,
    }


def _line(run: TrainingRun) -> str:
    what = run.version or run.failure or ""
    if run.is_open:
        what = f"{run.step or 'not begun'}; {len(run.left)} steps left"
        what += ", to be cancelled" if run.cancel_asked else ""
    name, asked = show(Prefix.TRAINING_RUN, run.id), run.asked_at.isoformat()[:16]
    return f"{name}  {run.state:<9}  {asked}  {run.asked_by}  {what}".rstrip()
