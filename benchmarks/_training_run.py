"""One training, from a log in files to a ranker with its gate, in a process of its own.

Prints one line of JSON: wall and CPU seconds of each step, the most memory the process had, what
was learned from, and the rows of the gate.
"""

import json
import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from matcher.catalog import open_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.dataset_build import Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from matcher.learn.fit import Parameters
from matcher.learn.segments import school_states
from matcher.learn.train import Circumstances, train_ranker
from models.domain.training import Step

# Signs a ranker that nobody else will read.
KEY = bytes(32)


@dataclass
class Watch:
    """What each step took: wall and CPU seconds, by name."""

    took: dict[str, tuple[float, float]] = field(default_factory=dict)
    name: str = ""
    begun: tuple[float, float] = (0.0, 0.0)

    def step(self, name: str) -> None:
        """End the step before, begin another; an empty name ends the last."""
        now = time.perf_counter(), time.process_time()
        if self.name:
            wall, cpu = (end - begin for end, begin in zip(now, self.begun, strict=True))
            self.took[self.name] = (round(wall, 2), round(cpu, 2))
        self.name, self.begun = name, now


def train(log: Path, store: Path, work: Path, now: datetime) -> dict[str, object]:
    """Train on a log and say what it took."""
    watch, signing = Watch(), RankerStore(store, KEY)
    [catalog], [champion] = (
        [path.name for path in (store / kind).iterdir() if path.name[0] != "."]
        for kind in ("catalog", "ranker")
    )
    watch.step(Step.READING)
    dataset = build_dataset([log], Rules(now), Desk(work / "desk"))
    around = Circumstances(
        by="a benchmark",
        champion=signing.open(champion),
        catalog=catalog,
        states=school_states(open_catalog(store / "catalog" / catalog)),
    )
    tell = watch.step
    trained = train_ranker(RankerStore(work, KEY), dataset, Parameters(), around, tell)
    watch.step("")
    return {
        "steps": watch.took,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "counts": dict(dataset.counts),
        "ndcg_10": {
            name: order["ndcg_10"] for name, order in trained.card["metrics"]["orders"].items()
        },
        "gate": trained.card["gate"]["conditions"],
    }


if __name__ == "__main__":
    LOG, STORE, WORK, NOW = sys.argv[1:]
    print(json.dumps(train(Path(LOG), Path(STORE), Path(WORK), datetime.fromisoformat(NOW))))
