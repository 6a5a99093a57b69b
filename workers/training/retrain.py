"""Makes a ranker of the log: the one way, for the worker and for ``schoolmatch ranker train``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from matcher.catalog import open_catalog
from matcher.registry import (
    OtherFeaturesError,
    ServedRanker,
    UnsignedError,
    open_ranker,
    tabulate_scores,
)
from matcher.signature import public_key
from models.domain.clock import Clock
from models.domain.ports.training import Alone
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.training import Step, TrainingRun, Wishes
from models.domain.training_log import event_row, listing_rows
from workers.training.turn import Workshop

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retraining:
    """Where rankers live, the secret bytes that sign them, and the log."""

    store: Path
    seed: bytes
    unit_of_work: UnitOfWorkFactory
    clock: Clock

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
        from matcher.learn.dataset_build import Rules, build_dataset  # noqa: PLC0415
        from matcher.learn.dataset_parts import Desk  # noqa: PLC0415
        from matcher.learn.fit import Parameters  # noqa: PLC0415
        from matcher.learn.segments import school_states  # noqa: PLC0415
        from matcher.learn.train import Circumstances, train_ranker  # noqa: PLC0415

        wishes = run.wishes
        tell(Step.READING)
        with self.unit_of_work() as work:
            current = work.publications.current()
        with TemporaryDirectory(prefix=".training-", dir=self.store) as folder:
            log = Path(folder) / "log"
            self._write_down(log, wishes)
            dataset = build_dataset([log], Rules(self.clock.now()), Desk(Path(folder) / "desk"))
        catalog = self._catalog(current["catalog"])
        around = Circumstances(
            by=run.asked_by,
            champion=self._champion(current["ranker"]),
            catalog=current["catalog"],
            states=school_states(open_catalog(catalog)) if catalog else {},
        )
        parameters = Parameters(wishes.click_gain, wishes.request_gain, seed=wishes.seed)
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

    def _write_down(self, folder: Path, wishes: Wishes) -> None:
        """Write the log of this installation down, in the form that all logs are read in."""
        from matcher.learn.log_files import write_log  # noqa: PLC0415 - loads pyarrow

        with self.unit_of_work() as work:
            log, known = work.training_log, work.publications.rankers()
            features = {row.version: str(row.card.get("features", "")) for row in known}
            pages = log.pages(wishes.since, real_only=wishes.real_only)
            events = log.events(wishes.since, real_only=wishes.real_only)
            write_log(
                folder,
                (row for page in pages for row in listing_rows(page, features)),
                map(event_row, events),
            )

    def _champion(self, version: str | None) -> ServedRanker | None:
        """Open the champion to compare with, unless its files or features are not ours."""
        if version is None:
            return None
        try:
            return self.open(version)
        except (FileNotFoundError, OtherFeaturesError, UnsignedError) as error:
            _log.warning("champion_not_compared", version=version, why=str(error))
            return None

    def _catalog(self, version: str | None) -> Path | None:
        """The published catalog's folder; None where it is not on this machine."""
        folder = self.store / "catalog" / str(version)
        return folder if (folder / "manifest.json").exists() else None
