"""Schools with several destinations, and students whom a school knows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from models.domain.delivery import DeliveryStatus as S
from models.domain.delivery import Outcome
from models.domain.destination import DestinationStatus, NewDestination
from models.domain.errors import ConflictError
from models.domain.ids import Prefix, show
from models.domain.intake_changes import apply_intake_changes
from models.domain.sending import Send, Settlement
from tests.support.world import World

LEASE = timedelta(minutes=1)


@pytest.fixture
def school(world: World) -> int:
    """A school that takes free requests at two destinations."""
    unitid = int(world.search()["results"][0]["school"]["id"].removeprefix("sch_"))
    owner = world.takes_requests(unitid)
    now = world.clock.now()
    with world.work() as work:
        new = NewDestination(
            "Second", "webhook", {"url": "https://b.example/"}, {"signing_keys": []}, (unitid,)
        )
        second = work.destinations.create(owner, new, by="test", now=now)
        work.destinations.set_status(second, DestinationStatus.ACTIVE)
        work.destinations.mark_tested(second, now)
    return unitid


def takes(world: World, unitid: int, **changes: str) -> list[UUID]:
    """Change how a school takes leads; return its destinations."""
    with world.work() as work:
        found = sorted(work.destinations.serving(unitid))
        named = {name: text.format(*map(_shown, found)) for name, text in changes.items()}
        intake = apply_intake_changes(work.destinations.intake(unitid), named, found)
        work.destinations.set_intake(unitid, intake)
    return found


def _shown(destination_id: UUID) -> str:
    return show(Prefix.DESTINATION, destination_id)


def ask(world: World, unitid: int, **student: Any) -> Any:
    """Ask the school once."""
    found = world.search()
    listing = next(x for x in found["results"] if x["school"]["id"] == f"sch_{unitid}")
    body = world.body(found, listing)
    body["student"] |= student
    answer = world.send(body)
    assert answer.status_code == 202, answer.text
    return answer.json


def deliveries(world: World) -> list[tuple[UUID, str]]:
    rows = world.rows("SELECT destination_id, status FROM delivery ORDER BY created_at, id")
    return [(row.destination_id, row.status) for row in rows]


def settle(world: World, destination: UUID, status: S) -> UUID:
    with world.work() as work:
        [claim] = work.deliveries.claim({destination: 1}, LEASE)
        work.deliveries.finish([Settlement(claim, status, Outcome(status, "test"))])
    return claim.id


def test_a_lead_is_with_one_destination_at_a_time_until_one_accepts_invariant_7(
    world: World, school: int
) -> None:
    first, second = takes(world, school, routing="first", order="{1},{0}")[::-1]
    ask(world, school)
    assert deliveries(world) == [(first, "pending")]
    refused = settle(world, first, S.REJECTED)
    assert deliveries(world) == [(first, "rejected"), (second, "pending")]
    # With the second, it cannot go to the first again.
    with world.work() as work, pytest.raises(ConflictError):
        work.deliveries.replay(refused)
    settle(world, second, S.DELIVERED)
    assert deliveries(world) == [(first, "rejected"), (second, "delivered")]


@pytest.mark.parametrize("status", [S.IN_DOUBT, S.DUPLICATE, S.CANCELLED, S.DELIVERED])
def test_what_may_have_arrived_is_offered_to_nobody_else_invariant_7(
    world: World, school: int, status: S
) -> None:
    first, _ = takes(world, school, routing="first")
    ask(world, school)
    settle(world, first, status)
    assert deliveries(world) == [(first, status.value)]


def test_what_was_in_doubt_until_its_time_was_over_is_offered_to_nobody_else_invariant_7(
    world: World, school: int
) -> None:
    first, _ = takes(world, school, routing="first")
    ask(world, school)
    with world.work() as work:
        [claim] = work.deliveries.claim({first: 1}, LEASE)
        version = work.destinations.for_delivery(first).version_id
        number = work.deliveries.begin([Send(claim, b"sealed", b"h" * 32, version)], LEASE)
        doubt = Outcome(S.IN_DOUBT, "not_understood", 200)
        work.deliveries.finish([Settlement(claim, S.IN_DOUBT, doubt, number[claim.id])])
    run(world, "UPDATE delivery SET expires_at = now()")
    with world.work() as work:
        work.deliveries.sweep(10)
    assert deliveries(world) == [(first, "failed")]


def test_a_rule_chooses_by_the_students_state(world: World, school: int) -> None:
    _, second = takes(world, school, routing="rules", rules="{0} state=CA; {1} state=NY")
    ask(world, school)
    assert deliveries(world) == [(second, "pending")]


def test_all_destinations_share_a_lead_where_nothing_is_said(world: World, school: int) -> None:
    both = takes(world, school)
    ask(world, school)
    assert sorted(one for one, _ in deliveries(world)) == both


def test_a_student_whom_the_school_knows_is_told_so_and_nothing_is_sent(
    world: World, school: int
) -> None:
    takes(world, school, duplicates="email", days="30")
    assert ask(world, school)["not_taken"] == []
    before = len(deliveries(world))
    again = ask(world, school, first_name="Zoe")
    assert again["leads"] == []
    assert again["not_taken"] == [{"school_id": f"sch_{school}", "reason": "duplicate"}]
    assert len(deliveries(world)) == before
    page = world.rows("SELECT not_taken, email_index FROM request ORDER BY created_at DESC")[0]
    assert (page.not_taken, bytes(page.email_index)) == ([[school, "duplicate"]], b"")
    assert ask(world, school, email="other@example.com")["not_taken"] == []
    # After the window, and where the first never reached the school, it is a new lead.
    run(world, "UPDATE request SET created_at = created_at - interval '30 days 1 minute'")
    assert ask(world, school)["not_taken"] == []
    run(world, "UPDATE delivery SET status = 'failed', settled_at = now()")
    assert ask(world, school)["not_taken"] == []


def test_all_fields_must_be_the_same_where_the_school_says_so(world: World, school: int) -> None:
    takes(world, school, duplicates="email,phone", match="all")
    ask(world, school)
    assert ask(world, school)["not_taken"] == [], "no telephone number was given for calls"


def run(world: World, statement: str) -> None:
    with world.engine.begin() as connection:
        connection.execute(text(statement))
