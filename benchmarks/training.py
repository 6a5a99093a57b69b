"""From a log in files to a gated ranker: how long, how much memory, and how both grow.

``python -m benchmarks.training [--quick]``. ``_training_log`` makes a log of 10 million impressions
and one of a million (``--quick``: a tenth of both); each is learned from in a process of its own,
as ``ranker train`` does, with the published rules as champion: read by DuckDB, fitted, judged,
gated, signed and written. ``seconds`` and ``peak_gib`` are of the larger; ``exponent`` is that of
the seconds as the impressions grow: 1 is linear. CPU seconds stand beside, for machines that have
other things to do.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks._training_log import DAYS, FIRST, PAGES, Pages, draw_pages, write_log
from benchmarks._training_run import KEY
from matcher.ingest import build_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.prior import fit_prior
from matcher.match import Engine, open_engine
from matcher.signature import public_key

MILLIONS, QUICK = (1_000_000, 10_000_000), (100_000, 1_000_000)


@dataclass(frozen=True)
class Run:
    """What one training took."""

    impressions: int
    told: dict[str, Any]

    def seconds(self, kind: int = 0) -> float:
        """All steps together: wall seconds, or with 1 CPU seconds."""
        return float(sum(took[kind] for took in self.told["steps"].values()))


def main() -> None:
    """Make the logs, train on each and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the impressions, fewer pages"
    )
    quick = parser.parse_args().quick
    sizes, drawn = (QUICK, PAGES // 4) if quick else (MILLIONS, PAGES)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        engine = _engine(store)
        begun = time.perf_counter()
        pages = draw_pages(engine, drawn)
        print(f"{len(pages.size):,} pages drawn in {time.perf_counter() - begun:.0f} s")
        runs = [_run(Path(folder) / str(size), engine, pages, size) for size in sizes]
    _print_table(runs)
    small, large = runs
    result = {
        "seconds": round(large.seconds(), 1),
        "peak_gib": round(large.told["peak_gib"], 2),
        "exponent": round(_exponent(small, large, 0), 3),
        "cpu_seconds": round(large.seconds(1), 1),
        "cpu_exponent": round(_exponent(small, large, 1), 3),
        "impressions": large.impressions,
        "examples": large.told["counts"]["examples"],
        "ndcg_10": large.told["ndcg_10"]["new"],
        "ndcg_10_champion": large.told["ndcg_10"]["champion"],
        "gate_failed": [row["name"] for row in large.told["gate"] if not row["passed"]],
        "load": round(os.getloadavg()[0], 1),
    }
    print("RESULT", json.dumps(result))


def _engine(store: Path) -> Engine:
    catalog = store / "catalog" / build_catalog(store, progress=_silent)
    ranker = store / "ranker" / fit_prior(RankerStore(store, KEY), catalog, _silent)
    return open_engine(catalog, ranker, public_key(KEY))


def _run(folder: Path, engine: Engine, pages: Pages, impressions: int) -> Run:
    log, store = folder / "log", engine.catalog.path.parents[1]
    begun = time.perf_counter()
    made = write_log(log, pages, impressions, engine.ranker.version, engine.catalog.version)
    print(f"{made:,} impressions written in {time.perf_counter() - begun:.0f} s", flush=True)
    end = FIRST + timedelta(days=DAYS)
    program = [sys.executable, "-m", "benchmarks._training_run"]
    command = [*program, str(log), str(store), str(folder), end.isoformat()]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Run(made, json.loads(done.stdout.splitlines()[-1]))


def _exponent(small: Run, large: Run, kind: int) -> float:
    longer = large.seconds(kind) / small.seconds(kind)
    return math.log(longer) / math.log(large.impressions / small.impressions)


def _print_table(runs: list[Run]) -> None:
    print(f"{'seconds (CPU)':16}" + "".join(f"{run.impressions:>22,}" for run in runs))
    for step in runs[0].told["steps"]:
        took = (run.told["steps"][step] for run in runs)
        print(f"{step:16}" + "".join(f"{wall:>12.1f} ({cpu:>7.1f})" for wall, cpu in took))
    print(
        f"{'together':16}"
        + "".join(f"{run.seconds():>12.1f} ({run.seconds(1):>7.1f})" for run in runs)
    )
    print(f"{'peak, GiB':16}" + "".join(f"{run.told['peak_gib']:>22.2f}" for run in runs))
    for name in ("searches", "examples", "led_nowhere_left_out", "clicks"):
        print(f"{name:20}" + "".join(f"{run.told['counts'][name]:>18,}" for run in runs))
    for row in runs[-1].told["gate"]:
        print(f"  {row['name']:22}{'yes' if row['passed'] else 'NO':4}{row['figure']}")


def _silent(line: str) -> None:
    del line


if __name__ == "__main__":
    main()
