"""What attempts came to, noted at their destinations: brakes, breakers, recoveries."""

from collections.abc import Sequence

from sqlalchemy import Connection

from models.db.repositories import delivery_sql as sql
from models.domain.delivery import Breaker
from models.domain.sending import DestinationNote


def note(connection: Connection, notes: Sequence[DestinationNote], breaker: Breaker) -> None:
    """Slow, open or close destinations after what their attempts came to."""
    answered = [one.destination_id for one in notes if one.failed is False]
    rows = connection.execute(sql.RECOVERING, {"ids": answered}) if answered else ()
    recovering = {row.destination_id for row in rows}
    # In one order everywhere, so that two finalisers never wait for each other in a ring.
    for one in sorted(notes, key=lambda one: one.destination_id):
        values = {"id": one.destination_id, "wait": one.wait}
        if one.destination_id in recovering:
            connection.execute(sql.DESTINATION_ANSWERS, values)
        elif one.failed:
            failures = connection.execute(sql.DESTINATION_FAILS, values).scalar_one()
            wait = breaker.wait(failures)
            if wait is not None:
                connection.execute(sql.OPEN_BREAKER, {**values, "wait": wait})
        if one.wait is not None:
            connection.execute(sql.SLOW_DESTINATION, values)
