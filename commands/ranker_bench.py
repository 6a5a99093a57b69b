"""``schoolmatch ranker bench``: the learner on public ranking sets, beside LightGBM."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("train", type=_FILE)
@click.argument("test", type=_FILE)
@click.option("--make", type=click.IntRange(100), metavar="QUERIES", help="Make both files first.")
@click.option("--without-lightgbm", is_flag=True, help="Leave LightGBM out.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def bench(  # noqa: PLR0913 - one for each option
    train: Path,
    test: Path,
    make: int | None,
    *,
    without_lightgbm: bool,
    threads: int,
    seed: int,
    as_json: bool,
) -> None:
    """Fit our learner to TRAIN, rank TEST, and say how it does beside others.

    Both files hold lines of GRADE qid:QUERY FEATURE:VALUE … (LETOR, SVMlight), as MSLR-WEB10K,
    Yahoo LTRC and Istella have them. NDCG and MRR are means over the queries of TEST that have a
    document with a grade above 0; intervals are 95 %, by drawing queries anew.
    """
    # Loads scikit-learn, here only.
    from matcher.learn.bench import bench as run_bench  # noqa: PLC0415
    from matcher.learn.bench import document  # noqa: PLC0415
    from matcher.learn.letor import BadSetError, read_set  # noqa: PLC0415

    lightgbm = None if without_lightgbm else _lightgbm()
    if make is not None:
        _make(train, test, make, seed)
    for path in (train, test):
        if not path.is_file():
            raise click.ClickException(
                f"There is no file {path}; --make 2000 writes an invented one."
            )
    try:
        found = run_bench(read_set(train), read_set(test), threads, seed, lightgbm)
    except BadSetError as error:
        raise click.ClickException(str(error)) from error
    told = document(found, seed)
    click.echo(json.dumps(told, indent=1) if as_json else "\n".join(_table(told)))


def _lightgbm() -> Any:
    if find_spec("lightgbm") is None:
        raise click.ClickException(
            "LightGBM is not installed: pip install lightgbm, or leave it out: --without-lightgbm"
        )
    return import_module("lightgbm")


def _make(train: Path, test: Path, queries: int, seed: int) -> None:
    from matcher.learn.letor import made_set, written  # noqa: PLC0415 - numpy, here only

    for number, path in enumerate((train, test)):
        if path.exists():
            raise click.ClickException(f"{path} is there already; --make writes over nothing.")
        with path.open("w") as file:
            file.writelines(written(made_set(2 * seed + number, queries)))


def _table(told: dict[str, Any]) -> list[str]:
    lines = [f"{told['queries_judged']:,} queries judged", ""]
    lines += [f"{'':16}{'NDCG@5':>8}{'NDCG@10':>9}{'MRR':>8}{'seconds':>9}  ours over it, NDCG@10"]
    for name, row in told["ways"].items():
        line = f"{name:16}{row['ndcg_5']:8.4f}{row['ndcg_10']:9.4f}{row['mrr']:8.4f}"
        line += f"{row['seconds']:9.2f}"
        over = row.get("ours_over", {}).get("ndcg_10")
        if over is not None:
            low, high = over["interval"]
            line += f"  {over['value']:+.4f} (95 %: {low:+.4f} to {high:+.4f})"
        lines.append(line)
    return lines
