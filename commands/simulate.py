"""``schoolmatch simulate``: traffic of invented students, marked as such, to try the loop with."""

import json
import time
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from typing import Any

import click

from commands.doors import Door, door
from commands.simulated_traffic import Batch, PastDays, Simulation, Tally
from matcher.learn.simulate_clicks import Examination, Habits
from matcher.learn.simulate_students import Population
from matcher.learn.simulate_truth import Tastes
from matcher.match import Engine, open_engine
from models.domain.clock import FixedClock
from service.app import Parts, make_services
from service.services import Services
from service.serving import Serving


@click.command()
@click.option("--searches", type=click.IntRange(1, 10_000_000), default=2_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--examination",
    type=click.Choice([each.value for each in Examination]),
    default=Examination.POSITION.value,
    show_default=True,
    help="How students read pages.",
)
@click.option(
    "--mistaken",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Share of looks clicked by mistake.",
)
@click.option(
    "--drift",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="How far wishes have moved: at 1 distance counts nothing, earnings twice.",
)
@click.option("--month", type=click.IntRange(1, 12), help="Who comes in this month of the year.")
@click.option(
    "--over-days",
    type=click.FloatRange(0),
    default=0.0,
    help="Let them come evenly over so many days until now, not all now.",
)
@click.option(
    "--answer-days",
    type=click.FloatRange(0),
    default=0.0,
    help="How many days schools take to answer, on average; needs --over-days.",
)
@click.option("--gaming", type=int, metavar="UNITID", help="A school whose helpers click on it.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def simulate(searches: int, seed: int, *, as_json: bool, **world: Any) -> None:
    """Let invented students search, click and ask, to try training with.

    They see what real students would see now. Their searches are marked as simulated for ever, no
    lead and no person is made of them, and a ranker that learned from them says so on every page.
    Ctrl-C stops; what was written stays. The student model is described in docs/learning.md.
    """
    if world["answer_days"] and not world["over_days"]:
        raise click.UsageError("No answer is known yet where all come now: give --over-days too.")
    with door() as opened:
        if opened.settings.production:
            raise click.ClickException(
                "This is a production installation: simulated students would mix with real ones. "
                "Simulate where ENVIRONMENT is development."
            )
        simulation = replace(
            make_simulation(opened, seed, timedelta(days=world["over_days"])),
            tastes=Tastes(drift=world["drift"], answer_days=world["answer_days"]),
            habits=Habits(Examination(world["examination"]), world["mistaken"]),
            month=world["month"],
            gaming=world["gaming"],
        )
        began, last = time.monotonic(), Tally()

        def progress(tally: Tally) -> None:
            nonlocal last
            last = tally
            rate = tally.searches / (time.monotonic() - began)
            click.echo(f"{tally.searches:,} of {searches:,} searches, {rate:,.0f}/s", err=True)

        try:
            simulation.run(searches, progress)
        except KeyboardInterrupt:
            click.echo("Stopped; what was written stays.", err=True)
        _report(last, seed, as_json=as_json)
        if last.searches < searches:
            raise SystemExit(130)


def make_simulation(opened: Door, seed: int, over: timedelta = timedelta()) -> Simulation:
    """Put together the service that students come to; its slates go to a batch of ours.

    Args:
        opened: the installation.
        seed: of everything that students are and do.
        over: how long before now they begin to come; all come now where it is 0.
    """
    end = opened.clock.now()
    days = PastDays(FixedClock(end), end, over) if over else None
    opening = partial(open_engine, key=opened.ranker_key)
    serving = Serving(opened.settings.store, opened.unit_of_work, opened.clock, opening)
    serving.poll()
    batch = Batch()
    parts = Parts(
        clock=days.clock if days else opened.clock,
        unit_of_work=opened.unit_of_work,
        serving=serving,
        slates=batch,
        nudge=lambda: None,
    )
    services = make_services(opened.settings, parts)
    population = _population(serving.state().engine, services)
    return Simulation(services, batch, population, seed, days=days)


def _population(engine: Engine, services: Services) -> Population:
    words = services.fields
    names = {cip: [each.name for each in words.specialties(cip)] for cip in words.cips}
    catalog = engine.catalog
    return Population(catalog.regions, catalog.cips, engine.index, engine.places, names)


def _report(tally: Tally, seed: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"simulated": True, "seed": seed, **asdict(tally)}, indent=1))
        return
    click.echo(
        f"{tally.searches:,} simulated searches: {tally.impressions:,} listings seen, "
        f"{tally.clicks:,} clicked, {tally.requests:,} asked, {tally.accepted:,} accepted.\n"
        "Next: schoolmatch ranker train"
    )
