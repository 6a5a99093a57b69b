"""Settled deliveries sent again: as they were, or rendered anew in their place."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.repositories import cap_places, intake
from models.db.repositories.delivery_listing import none_such
from models.domain.delivery import DeliveryStatus, Purpose, check_transition
from models.domain.errors import ConflictError

_LOCK = text("""
    SELECT d.lead_id, d.purpose, d.status, d.by_mail, s.status = 'removed' AS removed
    FROM delivery d JOIN destination s ON s.id = d.destination_id
    WHERE d.id = :id FOR NO KEY UPDATE OF d
""")
# Asked once the row is locked: who waited for it sees what was put in its place meanwhile.
_REPLACED = text("""
    SELECT EXISTS (
      SELECT 1 FROM delivery d JOIN delivery n
        ON n.lead_id = d.lead_id AND n.destination_id = d.destination_id
        AND n.purpose = d.purpose AND n.generation > d.generation
      WHERE d.id = :id)
""")

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
    FROM delivery d WHERE d.id = :id
""")


def reopen(connection: Connection, delivery_id: UUID, lifetime: timedelta) -> None:
    """Send a settled delivery again as it was: same id, same bytes.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, another one took its place, or its
            destination was removed.
    """
    _take(connection, delivery_id, by_mail=None)
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
        ConflictError: when its campaign has no place left, another one took its place before, or
            its destination was removed.
    """
    delivery_id, new = place
    _take(connection, delivery_id, by_mail=by_mail)
    values = {"id": delivery_id, "new": new, "lifetime": lifetime, "by_mail": by_mail}
    connection.execute(_RENEW, values)


def _take(connection: Connection, delivery_id: UUID, *, by_mail: bool | None) -> None:
    """Lock a settled delivery, and take its lead's place under its caps again.

    ``by_mail``: how it will be told; None: as it was.
    """
    row = connection.execute(_LOCK, {"id": delivery_id}).one_or_none()
    if row is None:
        raise none_such(delivery_id)
    check_transition(DeliveryStatus(row.status), DeliveryStatus.PENDING)
    if row.removed and not (row.by_mail if by_mail is None else by_mail):
        # Nothing leaves for it any more but what its people are told by mail.
        raise ConflictError("its destination was removed")
    if connection.execute(_REPLACED, {"id": delivery_id}).scalar_one():
        # Both would arrive, under two ids: no receiver knows that they are one lead.
        raise ConflictError(f"a newer delivery of this {row.purpose} took its place; replay that")
    if row.lead_id is not None and row.purpose == Purpose.LEAD:
        if intake.taken_elsewhere(connection, delivery_id):
            raise ConflictError("another destination has this lead, and only one may")
        cap_places.take_again(connection, row.lead_id)
