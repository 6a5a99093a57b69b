"""Keeps searches, slates and the pages served.

Rows of a slate carry the slate's own moment, so that writing one twice meets the same key, and a
read by id looks into one month only: an id (UUIDv7) begins with that moment.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, cast, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.dialects.postgresql import insert as upsert

from models.db.crypto import Keyring
from models.db.tables.searches import event, search, slate, slate_page
from models.domain.matching import Slate
from models.domain.past_search import PastSearch
from models.domain.slates import (
    PageRecord,
    ServedEvent,
    answers_document,
    read_answers,
    read_page_record,
    read_slate,
    slate_document,
)

# In milliseconds. Ids can name moments after it; made-up ones do, and are nobody's.
_CALENDARS_END = 253_402_300_799_000


class SlateRepository:
    """Keeps searches, slates and the pages served."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, served: Sequence[tuple[Slate, PageRecord]]) -> None:
        """Keep pages as served, with their slates and searches."""
        if not served:
            return
        run = self._connection.execute
        run(upsert(search).on_conflict_do_nothing(), [_search_row(each) for each, _ in served])
        run(upsert(slate).on_conflict_do_nothing(), [_slate_row(*pair) for pair in served])
        run(upsert(slate_page).on_conflict_do_nothing(), [_page_row(*pair) for pair in served])

    def get(self, slate_id: UUID) -> Slate | None:
        """Return a slate that was served."""
        low, high = _moments(slate_id)
        row = self._connection.execute(
            select(slate, search)
            .join(
                search,
                (search.c.id == slate.c.search_id) & (search.c.created_at == slate.c.created_at),
            )
            .where(slate.c.id == slate_id, slate.c.created_at.between(low, high))
            .where(search.c.created_at.between(low, high))
        ).one_or_none()
        if row is None:
            return None
        kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        return read_slate(
            {
                "id": slate_id.hex,
                "search_id": kept[slate.c.search_id].hex,
                "created_at": kept[slate.c.created_at].astimezone(UTC).isoformat(),
                "answers": kept[search.c.answers],
                "locale": kept[search.c.locale],
                "jurisdiction": kept[search.c.jurisdiction],
                "catalog_version": kept[slate.c.catalog_version],
                "ranker_version": kept[slate.c.ranker_version],
                "seed": kept[slate.c.seed],
                "offers": kept[slate.c.offers],
                "publisher_id": _hex(kept[search.c.publisher_id]),
                "landing_page": kept[search.c.landing_page],
                "creative": kept[search.c.creative],
                "simulated": kept[search.c.simulated],
                "explore_share": kept[slate.c.explore_share],
                "explore_seed": kept[slate.c.explore_seed],
            }
        )

    def pages(self, slate_id: UUID) -> tuple[PageRecord, ...]:
        """Return the pages of a slate that were served, in order."""
        low, high = _moments(slate_id)
        rows = self._connection.execute(
            select(
                slate_page.c.page,
                slate_page.c.listings,
                slate.c.steering_index,
                slate.c.demonstration,
                slate.c.explored,
                slate.c.draw_propensity,
            )
            .join(slate, slate.c.id == slate_page.c.slate_id)
            .where(slate_page.c.slate_id == slate_id, slate.c.id == slate_id)
            .where(slate_page.c.created_at.between(low, high))
            .where(slate.c.created_at.between(low, high))
            .order_by(slate_page.c.page)
        )
        return tuple(read_page_record(dict(row)) for row in rows.mappings())

    def newest(self, since: datetime, most: int) -> tuple[PastSearch, ...]:
        """Return the newest searches after a moment, at most so many, with what they showed."""
        first = UUID(int=int(since.timestamp() * 1000) << 80)
        drawn = (
            select(slate.c.id, slate.c.created_at, search.c.answers, search.c.simulated)
            .join(
                search,
                (search.c.id == slate.c.search_id) & (search.c.created_at == slate.c.created_at),
            )
            .where(slate.c.id >= first, slate.c.created_at >= since)
            .order_by(slate.c.id.desc())
            .limit(most)
            .subquery()
        )
        ids = func.jsonb_path_query_array(slate_page.c.listings, cast("$[*].program_id", JSONPATH))
        rows = self._connection.execute(
            select(drawn, func.jsonb_agg(ids, type_=JSONB).label("shown"))
            .join(
                slate_page,
                (slate_page.c.slate_id == drawn.c.id)
                & (slate_page.c.created_at == drawn.c.created_at),
            )
            .group_by(*drawn.c)
        )
        return tuple(
            PastSearch(
                row.created_at,
                read_answers(row.answers),
                row.simulated,
                tuple(each for page in row.shown for each in page),
            )
            for row in rows
        )

    def add_events(self, slate_id: UUID, events: Sequence[ServedEvent], now: datetime) -> None:
        """Keep what a visitor did with a slate."""
        if not events:
            return
        self._connection.execute(
            insert(event),
            [
                {
                    "id": each.id,
                    "created_at": now,
                    "slate_id": slate_id,
                    "kind": each.kind.value,
                    "listing_id": each.listing_id,
                    "position": each.position,
                }
                for each in events
            ],
        )


def _moments(slate_id: UUID) -> tuple[datetime, datetime]:
    """The milliseconds that a slate's id names; made in whole ones, so both are its moment."""
    named = min(slate_id.int >> 80, _CALENDARS_END)
    low = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=named)
    return low, low + timedelta(milliseconds=1)


def _search_row(of: Slate) -> dict[str, Any]:
    return {
        "id": of.search_id,
        "created_at": of.created_at,
        "locale": of.locale,
        "jurisdiction": of.jurisdiction,
        "publisher_id": of.publisher_id,
        "landing_page": of.landing_page,
        "creative": of.creative,
        "answers": answers_document(of.answers),
        "simulated": of.simulated,
    }


def _slate_row(of: Slate, page: PageRecord) -> dict[str, Any]:
    return {
        "id": of.id,
        "created_at": of.created_at,
        "search_id": of.search_id,
        "catalog_version": of.catalog_version,
        "ranker_version": of.ranker_version,
        "seed": of.seed,
        "demonstration": page.demonstration,
        "steering_index": page.steering_index,
        "offers": slate_document(of)["offers"],
        "explore_share": of.explore_share,
        "explore_seed": of.explore_seed,
        "explored": page.explored,
        "draw_propensity": page.draw_propensity,
    }


def _page_row(of: Slate, page: PageRecord) -> dict[str, Any]:
    return {
        "slate_id": of.id,
        "page": page.page,
        "created_at": of.created_at,
        "listings": list(page.listings),
    }


def _hex(identifier: UUID | None) -> str | None:
    return None if identifier is None else identifier.hex
