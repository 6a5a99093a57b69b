"""Settled deliveries sent again: as they were, or rendered anew in their place."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.repositories import cap_places, intake
from models.db.repositories.delivery_listing import none_such
from models.domain.delivery import DeliveryStatus, Purpose, check_transition
from models.domain.errors import ConflictError

_LOCK = text("SELECT lead_id, purpose, status FROM delivery WHERE id = :id FOR UPDATE")

# The token goes on, so that whoever held it before stays fenced off; so do the numbers of tries.
_REOPEN = text("""
    UPDATE delivery
    SET status = 'pending', due_at = now(), settled_at = NULL, claims = attempts,
        expires_at = now() + CAST(:lifetime AS interval)
    WHERE id = :id
""")

_RENEW = text("""
    INSERT INTO delivery
      (id, lead_id, destination_id, purpose, by_mail, generation, status, created_at, due_at,
       expires_at)
    SELECT :new, d.lead_id, d.destination_id, d.purpose, :by_mail, d.generation + 1, 'pending',
           now(), now(), now() + CAST(:lifetime AS interval)
    FROM delivery d
    WHERE d.id = :id AND NOT EXISTS (
      SELECT 1 FROM delivery n
      WHERE n.lead_id = d.lead_id AND n.destination_id = d.destination_id
        AND n.purpose = d.purpose AND n.generation > d.generation)
""")


def reopen(connection: Connection, delivery_id: UUID, lifetime: timedelta) -> None:
    """Send a settled delivery again as it was: same id, same bytes.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left.
    """
    _take(connection, delivery_id)
    connection.execute(_REOPEN, {"id": delivery_id, "lifetime": lifetime})


def renew(
    connection: Connection, place: tuple[UUID, UUID], lifetime: timedelta, *, by_mail: bool
) -> None:
    """Put a new delivery in the place of a settled one, rendered by what is set up now.

    Its receiver cannot know it again: it has an id of its own. The old one stays as it is and
    counts no more.

    Args:
        connection: inside a transaction.
        place: the settled one's id, and the new one's.
        lifetime: of the new one.
        by_mail: whether people of the school are told it by e-mail.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, or another one took its place before.
    """
    delivery_id, new = place
    row = _take(connection, delivery_id)
    values = {"id": delivery_id, "new": new, "lifetime": lifetime, "by_mail": by_mail}
    made = connection.execute(_RENEW, values)
    if made.rowcount != 1:
        raise ConflictError(f"a newer delivery of this {row.purpose} took its place; replay that")


def _take(connection: Connection, delivery_id: UUID) -> Row[tuple[UUID | None, str, str]]:
    """Lock a settled delivery, and take its lead's place under its caps again."""
    row = connection.execute(_LOCK, {"id": delivery_id}).one_or_none()
    if row is None:
        raise none_such(delivery_id)
    check_transition(DeliveryStatus(row.status), DeliveryStatus.PENDING)
    if row.lead_id is not None and row.purpose == Purpose.LEAD:
        if intake.taken_elsewhere(connection, delivery_id):
            raise ConflictError("another destination has this lead, and only one may")
        cap_places.take_again(connection, row.lead_id)
    return row
