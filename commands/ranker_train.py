"""``schoolmatch ranker train``: from the log to a ranker that waits to be promoted."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from commands.doors import Door, door, whoami
from matcher.catalog import open_catalog
from matcher.registry import (
    OtherFeaturesError,
    ServedRanker,
    UnsignedError,
    open_ranker,
    tabulate_scores,
)
from models.domain.gate import failed_rows


@click.command()
@click.option("--since", type=click.DateTime(), help="Leave out searches before this moment (UTC).")
@click.option("--real-only", is_flag=True, help="Leave out simulated searches.")
@click.option(
    "--gains",
    type=(click.FloatRange(0), click.FloatRange(0)),
    default=(1.0, 3.0),
    show_default=True,
    metavar="CLICK REQUEST",
    help="What each is worth.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train(
    since: datetime | None,
    *,
    real_only: bool,
    gains: tuple[float, float],
    seed: int,
    as_json: bool,
) -> None:
    """Train a ranker on what visitors did; it waits until somebody promotes it.

    Learns from clicks and requests in organic places, corrected for where they stood. The same
    log, gains and seed give the same ranker.
    """
    # Loads scikit-learn, here only.
    from matcher.learn.artefact import RankerStore  # noqa: PLC0415
    from matcher.learn.dataset import build_dataset  # noqa: PLC0415
    from matcher.learn.fit import Parameters  # noqa: PLC0415
    from matcher.learn.train import Circumstances, train_ranker  # noqa: PLC0415

    if sum(gains) == 0:
        raise click.UsageError("One of the gains must be more than 0.")
    with door() as opened:
        moment = since.replace(tzinfo=UTC) if since else None
        _say("Reading the log")
        with opened.unit_of_work() as work:
            log, known = work.training_log, work.publications.rankers()
            declarations = {row.version: str(row.card.get("features")) for row in known}
            current = work.publications.current()
            dataset = build_dataset(
                log.pages(moment, real_only=real_only),
                log.events(moment, real_only=real_only),
                declarations,
            )
        counts = dataset.counts
        _say(f"Fitting to {counts['examples']:,} listings of {counts['searches']:,} searches")
        parameters = Parameters(*gains, seed=seed)
        around = Circumstances(
            by=f"command {whoami().name}",
            champion=_champion(opened, current["ranker"]),
            catalog=current["catalog"],
            states=_states(opened, current["catalog"]),
        )
        store = RankerStore(opened.settings.store, opened.settings.ranker_key)
        trained = train_ranker(store, dataset, parameters, around)
        _register(opened, trained.version, current["catalog"])
        _report(trained.version, trained.card, as_json=as_json)


def _champion(opened: Door, version: str | None) -> ServedRanker | None:
    """Open the champion to compare with, unless its files or features are not ours."""
    if version is None:
        return None
    try:
        return open_ranker(opened.settings.store / "ranker" / version, opened.ranker_key)
    except (FileNotFoundError, OtherFeaturesError, UnsignedError) as error:
        _say(f"The champion cannot be compared with: {error}")
        return None


def _states(opened: Door, catalog: str | None) -> dict[int, str]:
    """The state of each school, to judge by; none where the catalog is not on this machine."""
    from matcher.learn.segments import school_states  # noqa: PLC0415 - see above

    folder = opened.settings.store / "catalog" / str(catalog)
    return school_states(open_catalog(folder)) if (folder / "manifest.json").exists() else {}


def _register(opened: Door, version: str, catalog: str | None) -> None:
    """Make the ranker known, and its scores ready for the moment it is promoted."""
    store = opened.settings.store
    served = open_ranker(store / "ranker" / version, opened.ranker_key)
    if catalog is not None and (store / "catalog" / catalog / "manifest.json").exists():
        _say("Tabulating its scores of every program")
        tabulate_scores(open_catalog(store / "catalog" / catalog), served)
    with opened.unit_of_work() as work:
        work.publications.add_ranker(version, served.provenance, served.card, opened.clock.now())


def _say(line: str) -> None:
    click.echo(line, err=True)


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
        low, high = row["interval"]
        click.echo(f"  NDCG@10 {name:<9} {row['ndcg_10']:.3f}  (95 %: {low:.3f} to {high:.3f})")
    failed = failed_rows(card)
    for row in failed:
        click.echo(f"  Not passed: {row.said()}")
    if failed:
        click.echo("It does not pass its gate and cannot serve.")
    else:
        click.echo(f"Make it champion: schoolmatch ranker promote {version} --reason …")
