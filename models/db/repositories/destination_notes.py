"""What attempts came to, noted at their destinations: brakes, breakers, recoveries."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from models.domain.delivery import Breaker
from models.domain.sending import DestinationNote

# Most destinations that answer have nothing to recover from: one look spares a trip for each.
_RECOVERING = text("""
    SELECT destination_id FROM destination_state
    WHERE destination_id = ANY(CAST(:ids AS uuid[])) AND (failures > 0 OR breaker <> 'closed')
""")

_DESTINATION_ANSWERS = text("""
    UPDATE destination_state SET failures = 0, breaker = 'closed', failing_since = NULL
    WHERE destination_id = :id AND (failures > 0 OR breaker <> 'closed')
""")

_DESTINATION_FAILS = text("""
    INSERT INTO destination_state AS st (destination_id, breaker, failures, failing_since)
    VALUES (:id, 'closed', 1, now())
    ON CONFLICT (destination_id) DO UPDATE
    SET failures = st.failures + 1, failing_since = coalesce(st.failing_since, now())
    RETURNING failures
""")

_OPEN_BREAKER = text("""
    UPDATE destination_state
    SET breaker = 'open',
        next_allowed_at = greatest(next_allowed_at, now() + CAST(:wait AS interval))
    WHERE destination_id = :id
""")

_SLOW_DESTINATION = text("""
    INSERT INTO destination_state AS st (destination_id, breaker, next_allowed_at)
    VALUES (:id, 'closed', now() + CAST(:wait AS interval))
    ON CONFLICT (destination_id) DO UPDATE
    SET next_allowed_at = greatest(st.next_allowed_at, excluded.next_allowed_at)
""")


def note(connection: Connection, notes: Sequence[DestinationNote], breaker: Breaker) -> None:
    """Slow, open or close destinations after what their attempts came to."""
    answered = [one.destination_id for one in notes if one.failed is False]
    rows = connection.execute(_RECOVERING, {"ids": answered}) if answered else ()
    recovering = {row.destination_id for row in rows}
    # In one order everywhere, so that two finalisers never wait for each other in a ring.
    for one in sorted(notes, key=lambda one: one.destination_id):
        values = {"id": one.destination_id, "wait": one.wait}
        if one.destination_id in recovering:
            connection.execute(_DESTINATION_ANSWERS, values)
        elif one.failed:
            failures = connection.execute(_DESTINATION_FAILS, values).scalar_one()
            wait = breaker.wait(failures)
            if wait is not None:
                connection.execute(_OPEN_BREAKER, {**values, "wait": wait})
        if one.wait is not None:
            connection.execute(_SLOW_DESTINATION, values)
