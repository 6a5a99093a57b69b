"""Makes a ranker of the log: the one way, for the worker and for ``schoolmatch ranker train``."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import structlog

from matcher.catalog import open_catalog
from matcher.learn.log_imported import imported_logs
from matcher.registry import (
    OtherFeaturesError,
    ServedRanker,
    UnsignedError,
    open_ranker,
    tabulate_scores,
)
from matcher.signature import public_key
from models.domain.clock import Clock
from models.domain.log_form import LogWindow
from models.domain.ports.training import Alone
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.training import Step, TrainingRun, Wishes
from workers.training.turn import Workshop

if TYPE_CHECKING:
    from matcher.learn.dataset import Dataset

# Where the log is written down for a run, in the store, and what it is read with.
_FILES = ".training-"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the log is read.

    Attributes:
        window: how long after its page was served anything is put down to it.
        memory_mib: what may be taken of memory before files are used.
        scheduler: address of the Dask scheduler whose workers read; empty: this process does.
    """

    window: timedelta = timedelta(days=30)
    memory_mib: int = 2048
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class Retraining:
    """Where rankers live, the secret bytes that sign them, and the log."""

    store: Path
    seed: bytes
    unit_of_work: UnitOfWorkFactory
    clock: Clock
    reading: Reading = Reading()

    def train(self, run: TrainingRun, tell: Callable[[Step], None]) -> str:
        """Read the log, fit and judge a ranker, write it, and tabulate its scores.

        Args:
            run: what was asked for.
            tell: told each step as it begins; what it raises ends the training.

        Returns:
            The version; it serves nowhere yet.

        Raises:
            UnusableLogError: when the log cannot be learned from.
        """
        # Loads scikit-learn, where something is trained only.
        from matcher.learn.artefact import RankerStore  # noqa: PLC0415
        from matcher.learn.fit import Parameters  # noqa: PLC0415
        from matcher.learn.segments import school_states  # noqa: PLC0415
        from matcher.learn.train import Circumstances, train_ranker  # noqa: PLC0415

        wishes = run.wishes
        tell(Step.READING)
        with self.unit_of_work() as work:
            current = work.publications.current()
        dataset = self._read(wishes)
        catalog = self._catalog(current["catalog"])
        around = Circumstances(
            by=run.asked_by,
            champion=open_champion(self.store, self.seed, current["ranker"]),
            catalog=current["catalog"],
            states=school_states(open_catalog(catalog)) if catalog else {},
        )
        parameters = Parameters(
            wishes.click_gain,
            wishes.request_gain,
            seed=wishes.seed,
            attention_from=wishes.attention_from,
            attention=wishes.attention,
        )
        signing = RankerStore(self.store, self.seed)
        version = train_ranker(signing, dataset, parameters, around, tell).version
        tell(Step.TABULATING)
        if catalog is not None:
            # Ready for the moment it is promoted.
            tabulate_scores(open_catalog(catalog), self.open(version))
        return version

    def keep(self, work: UnitOfWork, version: str) -> None:
        """Make a trained ranker known."""
        made = self.open(version)
        work.publications.add_ranker(version, made.provenance, made.card, self.clock.now())

    def workshop(self, alone: Alone, stopping: Callable[[], bool] = lambda: False) -> Workshop:
        """Say what a run leans on.

        Args:
            alone: lets one at a time train.
            stopping: whether this process was told to stop.
        """
        return Workshop(self.unit_of_work, alone, self.clock, self.train, self.keep, stopping)

    def open(self, version: str) -> ServedRanker:
        """Open a ranker of the store, verified.

        Raises:
            FileNotFoundError: when it is not here.
        """
        return open_ranker(self.store / "ranker" / version, public_key(self.seed))

    def _read(self, wishes: Wishes) -> "Dataset":
        """Write the log down and read what is to be learned; the files go when that is done."""
        # DuckDB, and Dask where one is named.
        from matcher.learn.dataset_build import Rules, build_dataset  # noqa: PLC0415
        from matcher.learn.dataset_dask import crew_at  # noqa: PLC0415
        from matcher.learn.dataset_parts import Desk  # noqa: PLC0415
        from matcher.learn.log_export import Export, export_log  # noqa: PLC0415

        how, now = self.reading, self.clock.now()
        rules = Rules(now, wishes.until, how.window, wishes.since, wishes.real_only)
        window = LogWindow(wishes.since, wishes.until, wishes.real_only)
        self.store.mkdir(parents=True, exist_ok=True)
        for left in self.store.glob(f"{_FILES}*"):
            # Of a worker that was killed: one trains at a time.
            shutil.rmtree(left, ignore_errors=True)
        with (
            crew_at(how.scheduler) as crew,
            TemporaryDirectory(prefix=_FILES, dir=self.store) as folder,
        ):
            ours = Path(folder) / "log"
            with self.unit_of_work() as work:
                export_log(work.written_log, ours, Export(window, now))
            desk = Desk(Path(folder) / "desk", f"{how.memory_mib}MiB")
            return build_dataset([ours, *imported_logs(self.store)], rules, desk, crew)

    def _catalog(self, version: str | None) -> Path | None:
        """The published catalog's folder; None where it is not on this machine."""
        folder = self.store / "catalog" / str(version)
        return folder if (folder / "manifest.json").exists() else None


def open_champion(store: Path, seed: bytes, version: str | None) -> ServedRanker | None:
    """Open the champion to compare with, unless its files or features are not ours.

    Args:
        store: where rankers live.
        seed: what they are signed with.
        version: the champion's; None where none serves.
    """
    if version is None:
        return None
    try:
        return open_ranker(store / "ranker" / version, public_key(seed))
    except (FileNotFoundError, OtherFeaturesError, UnsignedError) as error:
        _log.warning("champion_not_compared", version=version, why=str(error))
        return None
