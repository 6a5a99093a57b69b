"""The model checker finds each thing that it is there to find: a good run, spoiled one way each."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from models.domain.ids import Prefix, new_id, show
from tests.support.draining import draining
from tests.support.leads import NOW, Leads, eventually
from tests.support.ledger_checker import History, broken
from tests.support.sponsored import hold_place
from workers.destinations.webhook.mock import MockReceiver

Spoil = Callable[[Leads, History], History]


def _run(statement: str) -> Spoil:
    def spoil(leads: Leads, history: History) -> History:
        leads.run(statement)
        return history

    return spoil


def _move(status: str) -> Spoil:
    """Move the delivery that nobody took."""

    def spoil(leads: Leads, history: History) -> History:
        leads.run("UPDATE delivery SET status = :status WHERE status = 'expired'", status=status)
        return history

    return spoil


def _promised_more(_leads: Leads, history: History) -> History:
    return replace(history, accepted=[*history.accepted, new_id(NOW)])


def _came_twice(_leads: Leads, history: History) -> History:
    return replace(history, received=[*history.received, history.received[0]])


def _came_otherwise(_leads: Leads, history: History) -> History:
    other = replace(history.received[0], body=b"{}")
    return replace(history, received=[*history.received, other], repeats=1)


def _never_came(_leads: Leads, history: History) -> History:
    return replace(history, received=history.received[1:])


def _kept_by_both(leads: Leads, history: History) -> History:
    with leads.engine.begin() as connection:
        every = connection.scalars(text("SELECT id FROM delivery ORDER BY id")).all()
    return replace(history, taken=[show(Prefix.DELIVERY, one) for one in every])


def _over_the_cap(leads: Leads, history: History) -> History:
    # The table itself refuses it: that is taken away first.
    leads.run("ALTER TABLE cap_window DROP CONSTRAINT ck_cap_window_within")
    leads.run("UPDATE cap_window SET lim = used - 1")
    return history


def _waited_for_another(leads: Leads, history: History) -> History:
    """The one that nobody took was being tried until the other began."""
    with leads.engine.begin() as connection:
        dead = connection.scalars(
            text("""
                INSERT INTO attempt (delivery_id, n, step, lease_token, started_at, finished_at)
                SELECT d.id, 1, 'send', 0, o.due_at - interval '1 hour', a.started_at
                FROM delivery d, attempt a JOIN delivery o ON o.id = a.delivery_id
                WHERE d.status = 'expired'
                RETURNING (SELECT destination_id FROM delivery WHERE id = delivery_id)
            """)
        ).one()
    return replace(history, dead=dead)


# What is spoiled, and the invariant that the checker must name.
SPOILED: dict[str, tuple[str, Spoil]] = {
    "a promise is nowhere": ("1", _promised_more),
    "a delivery never ends": ("2", _move("in_doubt")),
    "an attempt never ends": ("2", _run("UPDATE attempt SET finished_at = NULL")),
    "a request without a row": ("3", _run("DELETE FROM attempt")),
    "a duplicate without a fault": ("4", _came_twice),
    "delivered and never received": ("4", _never_came),
    "a token moves by itself": ("5", _run("UPDATE delivery SET lease_token = lease_token + 1")),
    "what is settled moves": ("5", _move("failed")),
    "a window that miscounts": ("6", _run("UPDATE cap_window SET used = used + 1")),
    "more than the cap": ("6", _over_the_cap),
    "an exclusive lead at two": ("7", _move("leased")),
    "an exclusive lead kept by two": ("7", _kept_by_both),
    "two bodies under one id": ("8", _came_otherwise),
    "bytes that are not the ledger's": ("8", _run("UPDATE delivery SET body_hash = '\\x00'")),
    "one that waits for another's destination": ("10", _waited_for_another),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_is_named_by_its_invariant(leads: Leads, name: str) -> None:
    invariant, spoil = SPOILED[name]
    history = _good(leads)
    assert broken(leads.engine, history) == []
    found = broken(leads.engine, spoil(leads, history))
    assert any(line.startswith(f"{invariant}:") for line in found), found


def _good(leads: Leads) -> History:
    """A paid lead that the first of two refused, and the second has."""
    with MockReceiver() as receiver:
        school = leads.school("http://127.0.0.1:1/")
        other = leads.another(school, receiver.url)
        first = leads.delivery(school)
        leads.route(first, [other])
        hold_place(leads, school, leads.row(first).lead_id, 5_000)
        leads.run("UPDATE delivery SET expires_at = now()")
        with draining(leads.unit_of_work):
            assert eventually(lambda: sorted(leads.statuses()) == ["delivered", "expired"], 30)
        second = _other_than(leads, first)
        return History([first, second], list(receiver.received))


def _other_than(leads: Leads, first: UUID) -> UUID:
    with leads.engine.begin() as connection:
        found: UUID = connection.execute(
            text("SELECT id FROM delivery WHERE id <> :first"), {"first": first}
        ).scalar_one()
    return found
