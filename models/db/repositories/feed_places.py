"""Places in feeds, given in one serialised step.

A feed's reader goes on after the last number it saw. Were numbers taken first and committed later,
as identity values are, it would pass one that commits after it looked, and never see it. Here the
number comes from the destination's row, locked until the commit: numbers commit in their order.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

_GIVE = text("""
    WITH s AS (
      INSERT INTO destination_state AS st (destination_id, breaker, feed_sequence)
      VALUES (:destination, 'closed', cardinality(CAST(:ids AS uuid[])))
      ON CONFLICT (destination_id) DO UPDATE
      SET feed_sequence = st.feed_sequence + excluded.feed_sequence
      RETURNING st.feed_sequence)
    UPDATE delivery d
    SET feed_sequence = s.feed_sequence - cardinality(CAST(:ids AS uuid[])) + r.n
    FROM s, unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS r (id, n)
    WHERE d.id = r.id
""")


def give(connection: Connection, arrivals: Sequence[tuple[UUID, UUID]]) -> None:
    """Give each delivery the next place in its destination's feed, in the order they come.

    Args:
        connection: inside the transaction that marks them delivered.
        arrivals: destination and delivery of each.
    """
    by_destination: dict[UUID, list[UUID]] = {}
    for destination_id, delivery_id in arrivals:
        by_destination.setdefault(destination_id, []).append(delivery_id)
    # In one order everywhere, so that two finalisers never wait for each other in a ring.
    for destination_id in sorted(by_destination):
        ids = by_destination[destination_id]
        connection.execute(_GIVE, {"destination": destination_id, "ids": ids})
