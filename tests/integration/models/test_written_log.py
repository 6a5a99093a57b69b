"""The log as it is written down: slates as served, events, and what came of real requests."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.ids import new_id
from models.domain.levels import EducationLevel
from models.domain.log_form import LISTINGS, LogWindow
from models.domain.matching import Answers, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import EventKind, PageRecord, ServedEvent
from tests.support.leads import Leads

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = LogWindow()
Told = set[tuple[UUID, str, int]]


def a_listing(position: int, **changes: Any) -> dict[str, Any]:
    return {
        "position": position,
        "organic_position": position,
        "program_id": f"prog_{position}.5107.2.-.-",
        "campaign_version_id": None,
        "score": -5,
        "codes": [1, 2],
        "propensity": 0.75,
        "request": None,
        **changes,
    }


def a_slate(at: datetime, **changes: object) -> Slate:
    slate = Slate(
        id=new_id(at),
        search_id=new_id(at),
        created_at=at,
        answers=Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"),
        locale="en",
        jurisdiction="US-NY",
        catalog_version="c",
        ranker_version="r",
        seed=1,
        offers=(),
    )
    return replace(slate, **changes)  # type: ignore[arg-type]


def a_page(*listings: dict[str, Any], **changes: Any) -> PageRecord:
    values = {"page": 1, "listings": listings, "steering_index": 0.0, "demonstration": False}
    return PageRecord(**{**values, **changes})


def keep(work: UnitOfWorkFactory, slate: Slate, *kinds: EventKind) -> UUID:
    with work() as unit:
        unit.slates.add([(slate, a_page(a_listing(1), a_listing(2)))])
        happened = [ServedEvent(new_id(slate.created_at), kind, "lst_2", 2) for kind in kinds]
        unit.slates.add_events(slate.id, happened, slate.created_at)
    return slate.id


def fields_of(rows: Iterable[bytes]) -> Iterator[list[str]]:
    return csv.reader(row.decode() for row in rows)


def read(work: UnitOfWorkFactory, window: LogWindow = ALL) -> tuple[list[UUID], Told]:
    """The slates that are told, in order, and what happened."""
    with work() as unit:
        unit.written_log.stand_still()
        slates = dict.fromkeys(UUID(row[0]) for row in fields_of(unit.written_log.listings(window)))
        events = {(UUID(s), k, int(p)) for s, p, k, _ in fields_of(unit.written_log.events(window))}
    return list(slates), events


def test_slates_come_as_they_were_served(unit_of_work: UnitOfWorkFactory) -> None:
    slate = a_slate(NOW, simulated=True, explore_share=0.25, explore_seed=9)
    version = UUID(int=7)
    moved = a_listing(2, plain_position=1, campaign_version_id=version.hex, request="here")
    first = a_page(a_listing(1), moved, explored=True, draw_propensity=0.125)
    with unit_of_work() as work:
        work.slates.add([(slate, a_page(a_listing(21), page=2)), (slate, first)])
        work.publications.add_ranker("r", "prior", {"features": "f" * 64, "x": "y" * 9_000}, NOW)
    with unit_of_work() as work:
        work.written_log.stand_still()
        rows = list(fields_of(work.written_log.listings(ALL)))
    names = [column.name for column in LISTINGS]
    told = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row["position"] for row in told] == ["1", "2", "21"]
    assert told[1] == {
        "slate_id": str(slate.id),
        "served_at": "2026-11-22 12:00:00+00",
        "origin": "",
        "simulated": "t",
        "catalog_version": "c",
        "ranker_version": "r",
        "features": "f" * 64,
        "explore_share": "0.25",
        # The slate is kept with the page that came first.
        "explored": "f",
        "draw_propensity": "1",
        "page": "1",
        "position": "2",
        "organic_position": "2",
        "plain_position": "1",
        "program_id": "prog_2.5107.2.-.-",
        "campaign_version_id": str(version),
        "score": "-5",
        "codes": "[1, 2]",
        "propensity": "0.75",
        "request": "here",
    }
    assert (told[0]["plain_position"], told[0]["request"]) == ("1", "")
    assert json.loads(told[2]["codes"]) == [1, 2]


def test_an_event_is_told_once_and_when_it_happened_first(unit_of_work: UnitOfWorkFactory) -> None:
    slate = keep(unit_of_work, a_slate(NOW), EventKind.IMPRESSION, EventKind.CLICK)
    with unit_of_work() as work:
        later = ServedEvent(new_id(NOW), EventKind.CLICK, "lst_2", 2)
        work.slates.add_events(slate, [later], NOW + timedelta(minutes=5))
    with unit_of_work() as work:
        rows = list(fields_of(work.written_log.events(ALL)))
    assert rows == [
        [str(slate), "2", "click", "2026-11-22 12:00:00+00"],
        [str(slate), "2", "impression", "2026-11-22 12:00:00+00"],
    ]


def test_simulated_searches_are_left_out_with_what_happened_to_them(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    real = keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
    simulated = keep(unit_of_work, a_slate(NOW, simulated=True), EventKind.CLICK)
    assert set(read(unit_of_work)[0]) == {real, simulated}
    only_real = LogWindow(real_only=True)
    assert read(unit_of_work, only_real) == ([real], {(real, "click", 2)})


def test_a_window_holds_slates_with_what_happened_to_them_whenever(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    old = keep(unit_of_work, a_slate(NOW - timedelta(days=2)))
    with unit_of_work() as work:
        late = ServedEvent(new_id(NOW), EventKind.CLICK, "lst_1", 1)
        work.slates.add_events(old, [late], NOW)
    new = keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
    line = NOW - timedelta(days=1)
    assert read(unit_of_work, LogWindow(since=line)) == ([new], {(new, "click", 2)})
    assert read(unit_of_work, LogWindow(until=line)) == ([old], {(old, "click", 1)})
    assert read(unit_of_work, LogWindow(since=NOW)) == ([new], {(new, "click", 2)})
    assert read(unit_of_work, LogWindow(until=NOW)) == ([old], {(old, "click", 1)})


def test_an_event_of_no_slate_is_told_so_that_it_can_be_counted(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    nowhere = new_id(NOW)
    with unit_of_work() as work:
        stray = ServedEvent(new_id(NOW), EventKind.CLICK, "lst_1", 1)
        work.slates.add_events(nowhere, [stray], NOW)
    assert read(unit_of_work) == ([], {(nowhere, "click", 1)})


@pytest.mark.parametrize(
    ("verdict", "status", "kinds"),
    [
        ("applied", "accepted", {"request", "accepted"}),
        ("refused", "accepted", {"request"}),
        ("applied", "rejected", {"request", "rejected"}),
    ],
)
def test_what_became_of_real_requests_is_read_from_where_it_lives(
    engine: Engine, keyring: Keyring, verdict: str, status: str, kinds: set[str]
) -> None:
    leads = Leads(engine, keyring)
    school = leads.school("An organization")
    leads.run(
        "INSERT INTO disposition (id, lead_id, organization_id, received_at, raw, verdict, status)"
        " VALUES (:id, :lead, :organization, now(), '', :verdict, :status)",
        id=new_id(NOW),
        lead=leads.lead(school),
        organization=school.organization_id,
        verdict=verdict,
        status=status,
    )
    with engine.connect() as connection:
        slate_id = connection.execute(text("SELECT slate_id FROM request")).scalar_one()
    assert read(leads.unit_of_work)[1] == {(slate_id, kind, 1) for kind in kinds}


def test_a_reader_sees_one_moment_however_long_it_reads(unit_of_work: UnitOfWorkFactory) -> None:
    first = keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
    with unit_of_work() as work:
        work.written_log.stand_still()
        before = list(work.written_log.listings(ALL))
        keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
        assert len(list(work.written_log.events(ALL))) == 1
        assert list(work.written_log.listings(ALL)) == before
    assert len(read(unit_of_work)[0]) == 2
    with unit_of_work() as work:
        assert work.written_log.served([first, UUID(int=3)]) == [first]
