"""What an operator of delivery workers is woken by, on a real ledger."""

import json
import logging
import socket
import urllib.request
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, create_engine

from config.logging import configure_logging
from models.db.crypto import Keyring
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.ids import Prefix, show
from tests.support.draining import draining
from tests.support.leads import STUDENT, Leads, eventually
from workers.destinations.webhook.mock import MockReceiver, Reply, always, in_turn
from workers.figures import Figures, FiguresServer


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def figures(leads: Leads) -> Figures:
    return Figures(leads.unit_of_work)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Log lines as the delivery worker writes them."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    stream = StringIO()
    configure_logging("INFO", "delivery", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], level = kept
    root.setLevel(level)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def values(figures: Figures) -> dict[str, float]:
    """Read every sample, as Prometheus does, by its name and its labels' values in order."""
    families = text_string_to_metric_families(generate_latest(figures.registry).decode())
    return {
        ".".join(
            [
                sample.name.removeprefix("schoolmatch_"),
                *dict(sorted(sample.labels.items())).values(),
            ]
        ): sample.value
        for family in families
        for sample in family.samples
    }


def test_attempts_are_counted_by_what_they_came_to(leads: Leads, figures: Figures) -> None:
    with MockReceiver(in_turn(Reply(503), Reply(200), Reply(400))) as receiver:
        school = leads.school(receiver.url)
        with draining(leads.unit_of_work, watch=figures):
            leads.delivery(school)
            assert eventually(lambda: leads.statuses() == ["delivered"])
            leads.delivery(school)
            assert eventually(lambda: sorted(leads.statuses()) == ["delivered", "failed"])
            leads.delivery(school, channels=())
            assert eventually(lambda: "cancelled" in leads.statuses())
    seen = values(figures)
    for outcome in ("pending", "delivered", "failed"):
        assert seen[f"delivery_attempts_total.webhook.{outcome}.lead"] == 1
    assert seen["delivery_attempt_seconds_count.webhook"] == 3
    assert seen["deliveries_not_sent_total.no_consent"] == 1
    assert seen["destination_breakers.closed"] == 1
    assert seen["worker_database_up"] == 1


def test_what_waits_and_what_fails_can_be_seen(leads: Leads, figures: Figures) -> None:
    assert values(figures)["oldest_due_delivery_seconds"] == 0
    waiting = leads.delivery(leads.school("https://crm.example.edu/"))
    leads.run("UPDATE delivery SET due_at = now() - interval '90 s' WHERE id = :id", id=waiting)
    leads.run(
        "UPDATE destination_state SET breaker = 'open', failing_since = now() - interval '1 hour'"
    )
    seen = values(figures)
    assert 90 <= seen["oldest_due_delivery_seconds"] < 100
    assert 3600 <= seen["longest_failing_destination_seconds"] < 3610
    assert (seen["destination_breakers.open"], seen["destination_breakers.closed"]) == (1, 0)
    leads.run("UPDATE destination SET status = 'paused'")
    assert values(figures)["oldest_due_delivery_seconds"] == 0


def test_a_database_that_is_away_is_a_figure_and_no_error(keyring: Keyring) -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    figures = Figures(lambda: PostgresUnitOfWork(engine, keyring))
    seen = values(figures)
    assert seen["worker_database_up"] == 0
    assert "oldest_due_delivery_seconds" not in seen


def test_prometheus_reads_them_on_their_port_and_a_taken_port_stops_nothing(
    figures: Figures, unused_port: int
) -> None:
    first = FiguresServer(figures, "127.0.0.1", unused_port)
    second = FiguresServer(figures, "127.0.0.1", unused_port)
    first.start()
    second.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/metrics", timeout=5) as answer:
            assert b"schoolmatch_oldest_due_delivery_seconds" in answer.read()
    finally:
        second.stop()
        first.stop()


def test_lines_name_delivery_lead_and_request_and_nothing_personal_invariant_11(
    leads: Leads, log: StringIO
) -> None:
    with MockReceiver(always(Reply(400, body=b"no zoe@example.com"))) as receiver:
        delivery_id = leads.delivery(leads.school(receiver.url))
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.statuses() == ["failed"])
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [line] = [line for line in lines if line["event"] == "attempt"]
    assert line["delivery"] == show(Prefix.DELIVERY, delivery_id)
    assert line["lead"] == show(Prefix.LEAD, leads.row(delivery_id).lead_id)
    assert line["request"].startswith("req_")
    assert (line["process"], line["reason"], line["code"]) == ("delivery", "http_400", 400)
    for name in ("first_name", "last_name", "email", "phone"):
        assert str(STUDENT[name]) not in log.getvalue()
