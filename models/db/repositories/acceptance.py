"""The one statement that keeps an accepted request: up to eight tables, one trip."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models.db.crypto import Keyring
from models.db.repositories import arrays
from models.db.repositories.request_rows import (
    DUE_AT_ONCE,
    Taken,
    consent_rows,
    lead_row,
    ledger_rows,
    listing_rows,
    nothing_personal,
    personal_columns,
    request_row,
    text_rows,
)
from models.db.repositories.together import Looked, Rows, write_together
from models.db.tables.caps import cap_ledger
from models.db.tables.deliveries import delivery
from models.db.tables.requests import (
    consent,
    consent_text,
    lead,
    lead_listing,
    person_key,
    request,
)
from models.domain.request import NewRequest, NotTaken

_Rows = Sequence[Mapping[str, Any]]
# Columns that say the same in several tables, and what of a request they say.
_PERSON, _REQUEST = ("person_id", "person_id"), ("request_id", "request_id")
_CREATED = ("created_at", "created_at")
# Where each lead goes, when every school shares each lead between all of its destinations, knows no
# duplicates (models.domain.intake) and has a destination that is active and tested, as
# `destinations.py` reads it; tests/integration/api/test_at_once.py holds both to the same.
_OPEN = Looked(
    delivery,
    """
    SELECT given.lead_id, ARRAY(
      SELECT d.id FROM destination_school e JOIN destination d ON d.id = e.destination_id
      WHERE e.unitid = s.unitid AND d.organization_id = s.organization_id
        AND d.status = 'active' AND d.tested_at IS NOT NULL
      ORDER BY d.id) AS open_to
    FROM unnest(CAST(%(lead_ids)s AS uuid[]), CAST(%(unitids)s AS integer[]))
      AS given (lead_id, unitid)
    JOIN organization_school s ON s.unitid = given.unitid
    WHERE s.intake IS NULL
      OR (s.intake ->> 'routing' = 'all' AND s.intake -> 'duplicates' = 'null')
    """,
    "(SELECT count(*) FROM looked WHERE open_to <> '{}')"
    " = cardinality(CAST(%(lead_ids)s AS uuid[]))",
    (
        ("id", "uuidv7()"),
        ("lead_id", "looked.lead_id"),
        ("destination_id", "open.id"),
        ("created_at", "CAST(%(created_at)s AS timestamptz)"),
        *DUE_AT_ONCE,
    ),
    "looked, unnest(looked.open_to) AS open (id)",
)

# A statement as the driver takes it, and its values: there is nothing in it for SQLAlchemy to
# compile, each time anew.
Statement = tuple[str, dict[str, Any]]


class Acceptance:
    """Writes one submission down; sealed once, it can be written both ways.

    Each statement tells, in one row of one column, whether the request was inserted. Where it was
    not, because its key was used meanwhile, nothing was.
    """

    def __init__(self, keyring: Keyring, new: NewRequest) -> None:
        self._new = new
        self._key, self._wrapped = keyring.new_key(new.person_id)
        self._keyring = keyring

    def weighed(
        self, taken: Sequence[Taken], left: Sequence[NotTaken], deliveries: _Rows
    ) -> Statement:
        """Write what is taken; where no lead is made, the person's key is thrown away at once."""
        parts = (*self._parts(taken, left), Rows(delivery, deliveries, (_CREATED,), DUE_AT_ONCE))
        return write_together(parts, self._same)

    def at_once(self, known: Collection[str]) -> Statement:
        """Write everything, to be inserted if all its schools are open and share each lead.

        Args:
            known: ids of texts that are there already.
        """
        leads = self._new.leads
        taken = [(each, None) for each in leads]
        return write_together(
            self._parts(taken, self._new.not_taken, known),
            self._same,
            _OPEN,
            lead_ids=arrays.uuids(each.id for each in leads),
            unitids=arrays.numbers(each.unitid for each in leads),
        )

    @property
    def _same(self) -> dict[str, Any]:
        new = self._new
        return {
            "person_id": new.person_id,
            "request_id": new.id,
            "created_at": new.created_at,
        }

    def _parts(
        self, taken: Sequence[Taken], left: Sequence[NotTaken], known: Collection[str] = ()
    ) -> Sequence[Rows]:
        """All but the deliveries; the request first, so that nothing is added without it."""
        new, key = self._new, self._key
        leads = [each for each, _ in taken]
        person = {
            "master_key_id": self._wrapped.master_key_id,
            "wrapped": self._wrapped.wrapped if taken else None,
            "shredded_at": None if taken else new.created_at,
        }
        texts = [row for row in text_rows(leads) if row["id"] not in known]
        if taken:
            personal = personal_columns(new, leads, key, self._keyring)
        else:
            personal = nothing_personal(new, key)
        return (
            Rows(
                request,
                [request_row(new, left, personal)],
                (("id", "request_id"), _PERSON, _CREATED),
                unless_there=True,
                gate=True,
            ),
            Rows(person_key, [person], (_PERSON, _CREATED)),
            Rows(lead, [lead_row(new, key, *each) for each in taken], (_REQUEST, _CREATED)),
            Rows(lead_listing, listing_rows(taken)),
            Rows(
                cap_ledger,
                ledger_rows(taken),
                (("held_at", "created_at"),),
                (("state", "'held'"),),
            ),
            Rows(consent_text, texts, (_CREATED,), unless_there=True),
            Rows(consent, consent_rows(key, leads), (_REQUEST, ("agreed_at", "created_at"))),
        )
