"""What an operator of delivery workers watches and is woken by, given to Prometheus.

Labels have few values, all of them ours: no id, no address. What is counted is this process's; what
is read from the ledger at each scrape is the same whichever worker is asked.
"""

from collections.abc import Iterator
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from models.domain.caps import BUDGETS, PERIODS
from models.domain.delivery import Backlog, DeliveryStatus, Purpose
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.sending import Swept

_log = structlog.get_logger(__name__)


class Figures:
    """Counts what this worker does, and reads how far behind the ledger is."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self.registry = CollectorRegistry()
        self._attempts = Counter(
            "schoolmatch_delivery_attempts_total",
            "Attempts; outcome: the delivery's next state, pending when it is tried again.",
            ["kind", "purpose", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "schoolmatch_delivery_attempt_seconds",
            "Time from the first byte to the end of the answer.",
            ["kind"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0),
            registry=self.registry,
        )
        self._not_sent = Counter(
            "schoolmatch_deliveries_not_sent_total",
            "Deliveries claimed and not sent, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self._leases = Counter(
            "schoolmatch_delivery_leases_lost_total",
            "Deliveries taken back from workers that died or hung.",
            registry=self.registry,
        )
        self._expired = Counter(
            "schoolmatch_deliveries_expired_total",
            "Deliveries that ran out of time.",
            registry=self.registry,
        )
        self.registry.register(_Ledger(unit_of_work))

    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        """Count an attempt that is written down."""
        self._attempts.labels(kind, purpose.value, outcome.value).inc()
        self._seconds.labels(kind).observe(latency_ms / 1000)

    def not_sent(self, reason: str) -> None:
        """Count a delivery that was claimed and not sent."""
        self._not_sent.labels(reason).inc()

    def swept(self, swept: Swept) -> None:
        """Count what a sweep found."""
        self._leases.inc(swept.returned)
        self._expired.inc(swept.expired)


class FiguresServer:
    """Answers Prometheus on a port of its own; a port that is taken stops no delivery."""

    def __init__(self, figures: Figures, host: str, port: int) -> None:
        self._figures, self._host, self._port = figures, host, port
        self._server: Any = None

    def start(self) -> None:
        """Begin to listen."""
        try:
            self._server, _ = start_http_server(self._port, self._host, self._figures.registry)
        except OSError as error:
            _log.error("figures_port_unusable", port=self._port, error=type(error).__name__)

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class _Ledger(Collector):
    """Reads the ledger when it is asked, and says so when it cannot."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    @override
    def collect(self) -> Iterator[Metric]:
        """Read the ledger."""
        backlog = self._read()
        yield from self._money()
        yield GaugeMetricFamily(
            "schoolmatch_worker_database_up",
            "1 when the worker's database answers.",
            value=backlog is not None,
        )
        if backlog is None:
            return
        yield GaugeMetricFamily(
            "schoolmatch_oldest_due_delivery_seconds",
            "How long the delivery that has waited longest since it was due is waiting.",
            value=backlog.oldest_due_seconds,
        )
        yield GaugeMetricFamily(
            "schoolmatch_longest_failing_destination_seconds",
            "For how long the destination that fails longest has been failing.",
            value=backlog.longest_failing_seconds,
        )
        breakers = GaugeMetricFamily(
            "schoolmatch_destination_breakers",
            "Active destinations by the state of their breaker.",
            labels=["state"],
        )
        for state, count in backlog.breakers.items():
            breakers.add_metric([state], count)
        yield breakers

    def _money(self) -> Iterator[Metric]:
        """Campaigns about to be full, and schools that refuse more than they used to."""
        try:
            with self._unit_of_work() as work:
                campaigns = work.campaigns.uses(work.deliveries.now())
                uses = [use for _, found in campaigns for use in found]
                jumps = sum(each.jumped for each in work.watch.refusals())
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
            _log.warning("figures_without_money", error=type(error).__name__)
            return
        near = GaugeMetricFamily(
            "schoolmatch_cap_windows_near_end",
            "Caps and budgets of active campaigns of which nine tenths or more are used.",
            labels=["period"],
        )
        for period in (*PERIODS, *BUDGETS):
            near.add_metric([period], sum(u.near_end for u in uses if u.period == period))
        yield near
        yield GaugeMetricFamily(
            "schoolmatch_organizations_refusing_more",
            "Organizations that refuse more leads this week than chance explains.",
            value=jumps,
        )

    def _read(self) -> Backlog | None:
        try:
            with self._unit_of_work() as work:
                return work.deliveries.backlog()
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
            _log.warning("figures_without_ledger", error=type(error).__name__)
            return None
