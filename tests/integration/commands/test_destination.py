"""``schoolmatch destination`` on a real database, with a real receiver."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from standardwebhooks.webhooks import Webhook

from models.domain.destination import DestinationStatus, NewDestination
from models.domain.ids import Prefix, read, show
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.exchange.presets import PRESETS
from tests.support.commands import Command
from tests.support.draining import draining
from workers.destinations.webhook.mock import MockReceiver, Reply, always

pytestmark = pytest.mark.usefixtures("worker")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOL = 194240
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def worker(unit_of_work: UnitOfWorkFactory) -> Iterator[None]:
    """A drainer at work: tests go the way that leads go."""
    with draining(unit_of_work):
        yield


@pytest.fixture
def destination_id(unit_of_work: UnitOfWorkFactory) -> str:
    """A draft that was never tested."""
    with unit_of_work() as work:
        owner = work.organizations.create("Maple (fictional)", fictional=True, now=NOW)
        work.organizations.claim_school(owner.id, SCHOOL, takes_organic=True, now=NOW)
        new = NewDestination(
            "Hook", "webhook", {"url": "http://127.0.0.1:1/"}, {"signing_keys": [KEY]}, (SCHOOL,)
        )
        made = work.destinations.create(owner.id, new, by="test", now=NOW)
    return show(Prefix.DESTINATION, made)


def test_an_address_is_tried_with_a_signed_test_before_it_takes_requests(
    command: Command, destination_id: str, unit_of_work: UnitOfWorkFactory
) -> None:
    with MockReceiver() as receiver:
        done = command("destination", "set", destination_id, f"url={receiver.url}")
        assert done.exit_code == 0, done.output
        assert _taking(unit_of_work) == []
        done = command("destination", "test", destination_id)
        assert done.exit_code == 0, done.output
    (received,) = receiver.received
    body = Webhook(KEY).verify(received.body, dict(received.headers))
    assert body["type"] == "destination.test"
    assert body["data"]["destination_id"] == destination_id
    assert body["data"].keys() == {"destination_id", "note"}
    (kept,) = json.loads(command("deliveries", "list", "--json").output)
    assert (kept["id"], kept["purpose"], kept["lead_id"]) == (received.id, "test", None)
    assert (kept["status"], kept["attempts"], kept["code"]) == ("delivered", 1, 204)
    assert _taking(unit_of_work) == [SCHOOL]


def test_a_test_that_does_not_arrive_takes_no_requests(
    command: Command, destination_id: str, unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    with MockReceiver(always(Reply(500))) as receiver:
        command("destination", "set", destination_id, f"url={receiver.url}")
        done = command("destination", "test", destination_id)
    assert done.exit_code == 1
    assert "did not arrive: http_500 (code 500)" in done.output
    assert len(receiver.received) == 1  # tried once: somebody waits for the result
    assert _taking(unit_of_work) == []
    with engine.connect() as connection:
        actions = connection.scalars(text("SELECT action FROM audit ORDER BY at, id")).all()
    assert actions == ["destination.set", "destination.test", "destination.tested"]


def test_a_system_that_cannot_be_told_is_not_tested_without_an_address_of_people(
    command: Command, unit_of_work: UnitOfWorkFactory
) -> None:
    preset = PRESETS["generic_ping_post"]
    settings, secrets = preset.expand(preset.examples)
    del settings["contact"]
    with unit_of_work() as work:
        owner = work.organizations.create("Maple (fictional)", fictional=True, now=NOW)
        new = NewDestination("Buyer", "ping_post", settings, secrets, ())
        made = work.destinations.create(owner.id, new, by="test", now=NOW)
    done = command("destination", "test", show(Prefix.DESTINATION, made))
    assert done.exit_code == 1
    assert "contact: Enter an address" in done.output


def test_a_changed_address_takes_no_requests_until_it_is_tested_again(
    command: Command, destination_id: str, unit_of_work: UnitOfWorkFactory
) -> None:
    with MockReceiver() as receiver:
        command("destination", "set", destination_id, f"url={receiver.url}")
        command("destination", "test", destination_id)
        command("destination", "set", destination_id, f"url={receiver.url}/other")
    assert _taking(unit_of_work) == []


def test_a_paused_destination_is_tested_and_takes_requests_again(
    command: Command, destination_id: str, unit_of_work: UnitOfWorkFactory
) -> None:
    found = read(Prefix.DESTINATION, destination_id)
    with MockReceiver() as receiver:
        command("destination", "set", destination_id, f"url={receiver.url}")
        command("destination", "test", destination_id)
        with unit_of_work() as work:
            work.destinations.set_status(found, DestinationStatus.PAUSED)
        assert _taking(unit_of_work) == []
        assert command("destination", "test", destination_id).exit_code == 0
    assert _taking(unit_of_work) == [SCHOOL]


def test_a_feed_is_tested_by_its_own_item(
    command: Command, destination_id: str, unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE destination SET kind = 'feed'"))
        connection.execute(text("UPDATE destination_version SET settings = '{}'"))
    done = command("destination", "test", destination_id)
    assert done.exit_code == 0, done.output
    assert _taking(unit_of_work) == [SCHOOL]


def test_no_secret_is_ever_printed_or_audited(
    command: Command, destination_id: str, engine: Engine, unit_of_work: UnitOfWorkFactory
) -> None:
    new_key = "whsec_" + "c2VjcmV0" * 4
    outputs = [
        command("destination", "list").output,
        command("destination", "list", "--json").output,
        command("destination", "set", destination_id, f"signing_keys={new_key},{KEY}").output,
        command("destination", "set", destination_id, f"signing_keys={new_key}", "--json").output,
    ]
    with engine.connect() as connection:
        outputs.append(str(connection.execute(text("SELECT * FROM audit")).all()))
    assert not [output for output in outputs if "whsec" in output]
    with unit_of_work() as work:
        kept = work.destinations.for_delivery(read(Prefix.DESTINATION, destination_id))
    assert kept.secrets == {"signing_keys": [new_key]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("url=ftp://a.test/", "url:"),
        ("url=nonsense", "url:"),
        ("signing_keys=weak", "signing_keys:"),
        ("colour=red", "colour: is not a setting"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    command: Command, destination_id: str, change: str, said: str
) -> None:
    done = command("destination", "set", destination_id, change)
    assert done.exit_code == 1
    assert said in done.output
    (row,) = json.loads(command("destination", "list", "--json").output)
    assert row["version"] == 1


def _taking(unit_of_work: UnitOfWorkFactory) -> list[int]:
    with unit_of_work() as work:
        return sorted(work.destinations.taking_requests())
