"""What an operator does in their room: rankers, deliveries, versions, the audit."""

from dataclasses import replace

import pytest

from models.domain.errors import ConflictError
from models.domain.ids import Prefix, show
from service.services import Services
from service.steps.staff_rankers import promote
from tests.support.browser import PlainBrowser
from tests.support.staff import Person, Rooms


@pytest.fixture
def office(rooms: Rooms, operator: Person) -> PlainBrowser:
    now = rooms.clock.now()
    with rooms.unit_of_work() as work:
        work.publications.add_catalog("catalog-1", {}, now)
        work.publications.publish("catalog", "catalog-1", "test", "first", now)
        for version, provenance in (
            ("ranker-1", "prior"),
            ("ranker-2", "simulated"),
            ("elsewhere", "prior"),
            ("spoiled", "prior"),
        ):
            work.publications.add_ranker(version, provenance, {}, now)
        work.publications.publish("ranker", "ranker-1", "test", "first", now)
    return rooms.log_in(operator)


def champion(rooms: Rooms) -> str | None:
    with rooms.unit_of_work() as work:
        return work.publications.current()["ranker"]


def give_reason(office: PlainBrowser, version: str, reason: str) -> None:
    office.fill(f"Why {version}".strip(), reason)


def test_invariant_10_promote_and_roll_back_each_with_a_reason(
    rooms: Rooms, office: PlainBrowser
) -> None:
    office.open("/staff/operator/rankers")
    give_reason(office, "ranker-2", "")
    office.press("Promote ranker-2")
    assert "Say why" in office.text
    assert champion(rooms) == "ranker-1"
    give_reason(office, "ranker-2", "better on last week's log")
    office.press("Promote ranker-2")
    assert champion(rooms) == "ranker-2"
    office.page.one("input", id="reason")
    office.typed[id(office.page.one("input", id="reason"))] = "worse than it looked"
    office.press("Roll back")
    assert champion(rooms) == "ranker-1"
    office.open("/staff/operator/versions")
    assert "worse than it looked" in office.text
    actions = [row.action for row in rooms.rows("audit")]
    assert actions.count("ranker.promote") == actions.count("ranker.rollback") == 1


def test_a_ranker_whose_files_are_not_here_is_not_promoted(
    rooms: Rooms, office: PlainBrowser
) -> None:
    office.open("/staff/operator/rankers")
    give_reason(office, "elsewhere", "try it")
    office.press("Promote elsewhere")
    assert "Its files are not on this machine" in office.text
    assert champion(rooms) == "ranker-1"


def test_invariant_10_the_console_opens_no_gate(rooms: Rooms, office: PlainBrowser) -> None:
    office.open("/staff/operator/rankers")
    give_reason(office, "spoiled", "I like it")
    office.press("Promote spoiled")
    assert "It has not passed its gate" in office.text
    assert "segments: NY: -0.2" in office.text
    assert champion(rooms) == "ranker-1"


def test_invariant_14_production_never_promotes_what_simulated_visitors_taught(
    rooms: Rooms,
    office: PlainBrowser,  # noqa: ARG001 - its rankers
    operator: Person,
) -> None:
    services: Services = rooms.app.extensions["schoolmatch"]
    with pytest.raises(ConflictError, match="simulated visitors"):
        promote(replace(services, production=True), operator.staff, "ranker-2", "why not")
    assert champion(rooms) == "ranker-1"
    promote(services, operator.staff, "ranker-2", "a demonstration may")
    assert champion(rooms) == "ranker-2"


def test_a_failed_delivery_is_replayed_as_it_was(rooms: Rooms, office: PlainBrowser) -> None:
    delivery = rooms.leads.delivery(rooms.schools["A"])
    rooms.leads.set(delivery, status="failed", settled_at=rooms.clock.now(), attempts=10)
    rooms.leads.run(
        "INSERT INTO attempt (delivery_id, n, step, lease_token, started_at, outcome, reason, code,"
        " latency_ms) SELECT :id, n, 'post', n, now(), 'pending', 'http_503', 503, 40 + n"
        " FROM generate_series(9, 10) n",
        id=delivery,
    )
    office.open("/staff/operator/deliveries")
    assert "Failed" in office.text
    for took in (49, 50):
        assert f"Did not succeed (http_503, 503), after {took} ms, at the post" in office.text
    office.press(f"Replay {show(Prefix.DELIVERY, delivery)}")
    assert "It is sent again" in office.text
    assert rooms.leads.row(delivery).status == "pending"
    assert "delivery.replay" in [row.action for row in rooms.rows("audit")]


def test_what_arrived_is_not_in_trouble(rooms: Rooms, office: PlainBrowser) -> None:
    delivery = rooms.leads.delivery(rooms.schools["A"])
    rooms.leads.set(delivery, status="delivered", settled_at=rooms.clock.now())
    office.open("/staff/operator/deliveries")
    assert "Everything has arrived" in office.text


def test_the_audit_says_who_did_what(rooms: Rooms, office: PlainBrowser, operator: Person) -> None:
    office.open("/staff/operator/audit")
    assert "staff.login" in office.text
    assert operator.email in office.text
    assert rooms.rows("audit")
