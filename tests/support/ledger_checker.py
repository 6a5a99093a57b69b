"""A model checker: reads the receiver's log and the ledger, and says which invariants they break.

Invariants are numbered as in delivery.md. A watch on the ledger writes every step of every delivery
into a table of its own, so that what happened in between is judged too, not its end alone.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from models.domain.delivery import TERMINAL, DeliveryStatus, Purpose
from models.domain.ids import Prefix, show
from workers.mocks import Received

_WATCH = (
    """
    CREATE TABLE IF NOT EXISTS seen_step (
      n bigint GENERATED ALWAYS AS IDENTITY, id uuid, was text, is_now text,
      token_was int, token int, attempts int)
    """,
    """
    CREATE OR REPLACE FUNCTION see_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO seen_step (id, was, is_now, token_was, token, attempts)
      VALUES (NEW.id, OLD.status, NEW.status, OLD.lease_token, NEW.lease_token, NEW.attempts);
      RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER see_step AFTER UPDATE ON delivery
    FOR EACH ROW EXECUTE FUNCTION see_step()
    """,
)
S = DeliveryStatus
# What may follow what while nobody replays anything: what is settled stays, but for a late 2xx.
_MAY_FOLLOW = {
    S.PENDING: {S.PENDING, S.LEASED, S.EXPIRED, S.CANCELLED, S.DELIVERED},
    S.LEASED: set(S),
    S.IN_DOUBT: {S.IN_DOUBT, S.DELIVERED, S.DUPLICATE, S.REJECTED, S.FAILED, S.CANCELLED},
    **{settled: {settled, S.DELIVERED} for settled in TERMINAL},
}


# A lead that only one destination may have is with one that is in any of these.
_WITH = {S.LEASED, S.IN_DOUBT, S.DELIVERED, S.UNCONFIRMED}


@dataclass(frozen=True)
class History:
    """What the world outside the ledger knows.

    ``accepted``: deliveries that were promised. ``received``: the receivers' log. ``repeats``: how
    many duplicates the faults of this run allow; without faults none. ``taken``: ids of those that
    their receiver kept, whatever became of its answer. ``dead``: a destination that did not answer.
    """

    accepted: Collection[UUID]
    received: Sequence[Received]
    repeats: int = 0
    taken: Collection[str] = ()
    dead: UUID | None = None


def watch_steps(engine: Engine) -> None:
    """Write down every step of every delivery from now on."""
    with engine.begin() as connection:
        for statement in _WATCH:
            connection.execute(text(statement))


def broken(engine: Engine, history: History) -> list[str]:
    """Check a run whose faults are over; return what does not hold, each with its invariant."""
    with engine.begin() as connection:
        deliveries = {row.id: row for row in connection.execute(text("SELECT * FROM delivery"))}
        attempts: dict[UUID, list[Any]] = defaultdict(list)
        for row in connection.execute(text("SELECT * FROM attempt ORDER BY delivery_id, n")):
            attempts[row.delivery_id].append(row)
        steps = connection.execute(text("SELECT * FROM seen_step ORDER BY n")).all()
        windows = connection.execute(_WINDOWS).all()
        exclusive = set(connection.scalars(text("SELECT id FROM lead WHERE route IS NOT NULL")))
    of_one = {d.id: d.lead_id for d in deliveries.values() if _only_one_may(d, exclusive)}
    log: dict[str, list[Received]] = defaultdict(list)
    for received in history.received:
        log[received.id].append(received)
    names = {show(Prefix.DELIVERY, one): one for one in deliveries}
    return [
        *_kept(history.accepted, deliveries),
        *_settled(deliveries, attempts),
        *_announced(log, names, attempts),
        *_repeated(log, history.repeats),
        *_arrived(deliveries, log),
        *_fenced(steps),
        *(f"6: {row.campaign_id} {row.period} {row.key} counts wrongly" for row in windows),
        *_with_one(steps, of_one),
        *_taken_once({names[name] for name in history.taken if name in names}, of_one),
        *_same(log, names, deliveries),
        *_held_up(deliveries, attempts, history.dead),
    ]


_WINDOWS = text("""
    SELECT w.campaign_id, w.period, w.key FROM cap_window w
    WHERE w.used > w.lim OR w.used <> (
      SELECT coalesce(sum((p ->> 2)::bigint), 0)
      FROM cap_ledger l, jsonb_array_elements(l.windows) p
      WHERE l.campaign_id = w.campaign_id AND l.state IN ('held', 'used')
        AND p ->> 0 = w.period AND p ->> 1 = w.key)
""")


def _kept(accepted: Collection[UUID], deliveries: dict[UUID, Any]) -> list[str]:
    return [f"1: {one} was promised and is nowhere" for one in accepted if one not in deliveries]


def _settled(deliveries: dict[UUID, Any], attempts: dict[UUID, list[Any]]) -> list[str]:
    """Every delivery came to an end, and so did every attempt."""
    open_ones = [d.id for d in deliveries.values() if S(d.status) not in TERMINAL]
    unclosed = [one for one, rows in attempts.items() if any(not r.finished_at for r in rows)]
    return [
        *(f"2: {one} is {deliveries[one].status} for ever" for one in open_ones),
        *(f"2: an attempt at {one} is open for ever" for one in unclosed),
    ]


def _announced(
    log: dict[str, list[Received]], names: dict[str, UUID], attempts: dict[UUID, list[Any]]
) -> list[str]:
    """No request left without an attempt's row of its own."""
    return [
        f"3: {name} was sent {len(came)} times with {_rows(name, names, attempts)} attempts"
        for name, came in log.items()
        if len(came) > _rows(name, names, attempts)
    ]


def _rows(name: str, names: dict[str, UUID], attempts: dict[UUID, list[Any]]) -> int:
    return len(attempts.get(names[name], ())) if name in names else 0


def _repeated(log: dict[str, list[Received]], allowed: int) -> list[str]:
    repeats = sum(len(came) - 1 for came in log.values())
    return [f"4: {repeats} duplicates, {allowed} allowed"] if repeats > allowed else []


def _arrived(deliveries: dict[UUID, Any], log: dict[str, list[Received]]) -> list[str]:
    """What the ledger calls delivered has been received."""
    return [
        f"4: {row.id} is called delivered and never arrived"
        for row in deliveries.values()
        if row.status == S.DELIVERED
        and row.purpose == Purpose.LEAD
        and show(Prefix.DELIVERY, row.id) not in log
    ]


def _fenced(steps: Sequence[Any]) -> list[str]:
    """Tokens only grow, by one with each claim; nothing settled moves, but to delivered."""
    found = []
    for step in steps:
        was, is_now = S(step.was), S(step.is_now)
        if is_now not in _MAY_FOLLOW[was]:
            found.append(f"5: {step.id} went from {was} to {is_now}")
        claimed = was is S.PENDING and is_now is S.LEASED
        if step.token - step.token_was != int(claimed):
            found.append(f"5: {step.id}'s token went from {step.token_was} to {step.token}")
    return found


def _only_one_may(row: Any, exclusive: Collection[UUID]) -> bool:
    return row.purpose == Purpose.LEAD and row.lead_id in exclusive


def _with_one(steps: Sequence[Any], of_one: dict[UUID, UUID]) -> list[str]:
    """No exclusive lead comes to a second destination while the first has it, or may have it.

    A 2xx that comes after the ledger gave up is evidence, not a decision: it is let through.
    """
    found, holders = [], defaultdict[UUID, set[UUID]](set)
    for step in steps:
        lead = of_one.get(step.id)
        if lead is None:
            continue
        was, is_now, holding = S(step.was), S(step.is_now), holders[lead]
        if is_now not in _WITH:
            holding.discard(step.id)
            continue
        late = was in TERMINAL and is_now is S.DELIVERED
        if holding - {step.id} and was not in _WITH and not late:
            found.append(f"7: {lead} is {is_now} at {step.id} while another destination has it")
        holding.add(step.id)
    return found


def _taken_once(taken: Collection[UUID], of_one: dict[UUID, UUID]) -> list[str]:
    """No exclusive lead was kept by two receivers."""
    kept = Counter(of_one[one] for one in taken if one in of_one)
    return [f"7: {lead} was kept by {n} destinations" for lead, n in kept.items() if n > 1]


def _same(
    log: dict[str, list[Received]], names: dict[str, UUID], deliveries: dict[UUID, Any]
) -> list[str]:
    """All tries of a delivery carried the same bytes, and those the ledger kept the hash of."""
    found = []
    for name, came in log.items():
        digests = Counter(hashlib.sha256(received.body).digest() for received in came)
        if len(digests) > 1:
            found.append(f"8: {name} came with {len(digests)} bodies")
        elif name in names and deliveries[names[name]].body_hash not in digests:
            found.append(f"8: {name} came with bytes that the ledger does not know")
    return found


def _held_up(
    deliveries: dict[UUID, Any], attempts: dict[UUID, list[Any]], dead: UUID | None
) -> list[str]:
    """Nobody waited for a destination that did not answer.

    What became due while it was being tried began before that try was over. How much less the
    others get is a figure, ``black_hole_ratio``; that one waits for another is seen in every run.
    """
    tries = [
        (attempt.started_at, attempt.finished_at)
        for one, rows in attempts.items()
        for attempt in rows
        if deliveries[one].destination_id == dead and attempt.finished_at
    ]
    found = []
    for one, rows in attempts.items():
        due = deliveries[one].due_at
        if deliveries[one].destination_id != dead and any(
            began <= due < ended <= rows[0].started_at for began, ended in tries
        ):
            found.append(f"10: {one} waited for a destination that did not answer")
    return found
