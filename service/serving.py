"""What serves now: a thread asks the database each second, and a new answer is swapped in whole.

A version whose files are not here yet leaves the old one serving. Engines of recent versions stay,
for slates that were drawn with them. While the database is away the last answer goes on serving:
whether a campaign has room and a school still takes requests is decided again at acceptance.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from matcher.match import Engine
from models.domain.challenge import Stage, running
from models.domain.clock import Clock
from models.domain.errors import SchoolmatchError, UnavailableError
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.publication import Kind
from service.figures import LAGGING, POLLED, PUBLISHED
from service.services import ServingState
from service.steps.highlighted import standing

POLL_SECONDS = 1.0
KEPT_ENGINES = 4
_KINDS: tuple[Kind, ...] = ("catalog", "ranker")

OpenEngine = Callable[[Path, Path], Engine]
_log = structlog.get_logger(__name__)


class Serving:
    """Holds the serving state; ``poll`` refreshes it, ``start`` does so each second."""

    def __init__(
        self,
        store: Path,
        unit_of_work: UnitOfWorkFactory,
        clock: Clock,
        open_engine: OpenEngine,
    ) -> None:
        self._store = store
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._open_engine = open_engine
        self._state: ServingState | None = None
        self._engines: OrderedDict[tuple[str, str], Engine] = OrderedDict()
        self._opening = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = ""
        self._told: dict[str, str] = {}

    def state(self) -> ServingState:
        """Return what serves now.

        Raises:
            UnavailableError: when no catalog and ranker could be opened yet.
        """
        if self._state is None:
            raise UnavailableError("the catalog", retry_after=2)
        return self._state

    def engine(self, catalog_version: str, ranker_version: str) -> Engine | None:
        """Return the engine of those versions, or None when their files are not here."""
        key = (catalog_version, ranker_version)
        with self._opening:
            engine = self._engines.get(key)
            if engine is None:
                engine = self._open(*key)
                if engine is None:
                    return None
                self._engines[key] = engine
            self._engines.move_to_end(key)
            while len(self._engines) > KEPT_ENGINES:
                self._engines.popitem(last=False)
            return engine

    def poll(self) -> None:
        """Read what is published and swap it in.

        Raises:
            Exception: whatever the database's client raises when it is away.
        """
        now = self._clock.now()
        with self._unit_of_work() as work:
            current = work.publications.current()
            offers = work.campaigns.offers(now)
            taking = work.destinations.taking_requests()
            highlights = standing(work)
            publishers = {one.id: one for one in work.publishers.all()}
            challenge = running(work.publications.challenge())
            self._tell_since_when(work, current)
        POLLED.set(now.timestamp())
        catalog, ranker = current["catalog"], current["ranker"]
        if catalog is None or ranker is None:
            return
        engine, serving = self.engine(catalog, ranker), self._state
        LAGGING.set(engine is None)
        if engine is None:
            if serving is None:
                return
            engine = serving.engine
            catalog, ranker = serving.catalog_version, serving.ranker_version
        # In shadow too: that it opens here is what shadow proves.
        challenger = self.engine(catalog, challenge.version) if challenge else None
        shown = (engine, challenger) if challenge and challenge.stage is Stage.CANARY else (engine,)
        self._state = ServingState(
            engine=engine,
            catalog_version=catalog,
            ranker_version=ranker,
            simulated=any(each and each.ranker.provenance == "simulated" for each in shown),
            offers=offers,
            taking=taking,
            publishers=publishers,
            canary=challenge,
            canary_engine=challenger,
            highlights=highlights,
        )

    def start(self) -> None:
        """Poll once now and then each second, in a thread of its own."""
        self._poll_safely()
        self._thread = threading.Thread(target=self._run, name="serving", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop polling."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self._poll_safely()

    def _poll_safely(self) -> None:
        try:
            self.poll()
        except Exception as error:  # noqa: BLE001 - the thread outlives a database that is away
            self._say("serving_poll_failed", type(error).__name__)
        else:
            self._said = ""

    def _open(self, catalog_version: str, ranker_version: str) -> Engine | None:
        catalog = self._store / "catalog" / catalog_version
        ranker = self._store / "ranker" / ranker_version
        try:
            return self._open_engine(catalog, ranker)
        except (OSError, SchoolmatchError) as error:
            # Not here yet, or not what was written: what serves goes on serving.
            self._say("serving_version_unusable", f"{catalog_version} {ranker_version}: {error}")
            return None

    def _tell_since_when(self, work: UnitOfWork, current: Mapping[str, str | None]) -> None:
        """Tell when what is published was put in service; read only when it changed."""
        for kind in _KINDS:
            version = current[kind]
            if version is not None and self._told.get(kind) != version:
                newest = work.publications.history(kind)[0]
                PUBLISHED.labels(kind).set(newest.at.timestamp())
                self._told[kind] = version

    def _say(self, event: str, what: str) -> None:
        """Log a trouble once, not each second that it lasts."""
        if self._said != event + what:
            self._said = event + what
            _log.warning(event, what=what)
