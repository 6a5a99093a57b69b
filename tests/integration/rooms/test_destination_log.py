"""What was sent to a destination: listed by state, looked at, sent again by its own staff only."""

from uuid import UUID

import pytest

from models.domain.delivery import DeliveryStatus
from models.domain.ids import Prefix, show
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, STUDENT
from tests.support.staff import Person, Rooms, press, room

PERSONAL = (STUDENT["first_name"], STUDENT["last_name"], STUDENT["email"], STUDENT["phone"])


@pytest.fixture
def failed(rooms: Rooms) -> UUID:
    """A delivery that was answered with a no that quotes the student."""
    school = rooms.schools["A"]
    made = rooms.leads.deliver(school, rooms.leads.lead(school))
    rooms.leads.set(made, status=DeliveryStatus.FAILED.value, attempts=1, settled_at=NOW)
    rooms.leads.run(
        "INSERT INTO attempt (delivery_id, n, step, lease_token, started_at, finished_at, outcome, "
        "reason, code, latency_ms) VALUES (:id, 1, 'send', 1, now(), now(), 'failed', 'http_400', "
        "400, 12)",
        id=made,
    )
    return made


def test_staff_see_each_try_and_send_again_as_it_was_or_anew(
    rooms: Rooms, admin_a: Person, member_b: Person, failed: UUID
) -> None:
    school, here = rooms.schools["A"], rooms.log_in(admin_a)
    destination = show(Prefix.DESTINATION, school.destination_id)
    here.open(room(school, f"destinations/{destination}/log?status=delivered"))
    assert "Nothing here." in here.text
    here.open(room(school, f"destinations/{destination}/log?status=failed"))
    assert "http_400, 400" in here.text
    here.open(room(school, f"deliveries/{show(Prefix.DELIVERY, failed)}"))
    assert "Try 1" in here.text
    assert [word for word in PERSONAL if word in here.reply.body] == []
    here.press("Send it again as it was")
    assert "It is sent again." in here.text
    assert [row.status for row in rooms.rows("delivery")] == ["pending"]
    rooms.leads.set(failed, status="failed")
    here.open(room(school, f"destinations/{destination}/log"))
    press_last(here, "Send it anew")
    assert sorted(row.generation for row in rooms.rows("delivery")) == [1, 2]
    here.open(room(school, f"destinations/{destination}"))
    here.press("Pause")
    here.press("Remove this destination")
    assert "deliveries are still to be sent there" in here.text
    other = rooms.log_in(member_b)
    for path in (f"deliveries/{show(Prefix.DELIVERY, failed)}", f"destinations/{destination}/log"):
        other.open(room(rooms.schools["B"], path))
        assert other.reply.status == 404


def press_last(here: PlainBrowser, words: str) -> None:
    here.press(words)


def test_what_a_newer_delivery_replaced_is_not_sent_a_second_time(
    rooms: Rooms, admin_a: Person, operator: Person, failed: UUID
) -> None:
    school, here = rooms.schools["A"], rooms.log_in(admin_a)
    here.open(room(school, f"deliveries/{show(Prefix.DELIVERY, failed)}"))
    press_last(here, "Send it anew")
    [newer] = [row.id for row in rooms.rows("delivery") if row.generation == 2]
    rooms.leads.set(newer, status=DeliveryStatus.DELIVERED.value, settled_at=NOW)
    here.reload()
    press_last(here, "Send it again as it was")
    assert "a newer delivery of this lead took its place" in here.text
    destination = show(Prefix.DESTINATION, school.destination_id)
    here.open(room(school, f"destinations/{destination}/log?status=failed"))
    press_last(here, "Send it again as it was")
    assert "some cannot be any more" in here.text
    over = rooms.log_in(operator)
    over.open("/staff/operator/deliveries")
    press(over, "Replay")
    assert "a newer delivery of this lead took its place" in over.text
    states = {row.id: row.status for row in rooms.rows("delivery")}
    assert states == {failed: "failed", newer: "delivered"}


def test_nothing_is_sent_again_to_a_destination_that_was_removed(
    rooms: Rooms, admin_a: Person, failed: UUID
) -> None:
    school, here = rooms.schools["A"], rooms.log_in(admin_a)
    here.open(room(school, f"destinations/{show(Prefix.DESTINATION, school.destination_id)}"))
    here.press("Pause")
    here.press("Remove this destination")
    for words in ("Send it again as it was", "Send it anew"):
        here.open(room(school, f"deliveries/{show(Prefix.DELIVERY, failed)}"))
        press_last(here, words)
        assert "its destination was removed" in here.text
    assert [row.status for row in rooms.rows("delivery")] == ["failed"]
