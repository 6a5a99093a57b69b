"""What training is told: pages as served, events, and what came of real requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.ids import new_id
from models.domain.levels import EducationLevel
from models.domain.matching import Answers, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import EventKind, PageRecord, ServedEvent
from tests.support.leads import Leads

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LISTINGS = ({"position": 1, "codes": [1]}, {"position": 2, "codes": [2]})


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


def keep(work: UnitOfWorkFactory, slate: Slate, *kinds: EventKind) -> UUID:
    with work() as unit:
        unit.slates.add([(slate, PageRecord(1, LISTINGS, 0.0, demonstration=False))])
        happened = [ServedEvent(new_id(slate.created_at), kind, "lst_2", 2) for kind in kinds]
        unit.slates.add_events(slate.id, happened, slate.created_at)
    return slate.id


def read(
    work: UnitOfWorkFactory, since: datetime | None = None, *, real_only: bool = False
) -> tuple[list[UUID], set[tuple[UUID, str, int]]]:
    with work() as unit:
        pages = [page.slate_id for page in unit.training_log.pages(since, real_only=real_only)]
        events = unit.training_log.events(since, real_only=real_only)
        return pages, {(e.slate_id, e.kind.value, e.position) for e in events}


def test_pages_and_events_come_as_they_were_kept(unit_of_work: UnitOfWorkFactory) -> None:
    slate = a_slate(NOW, simulated=True)
    keep(unit_of_work, slate, EventKind.IMPRESSION, EventKind.CLICK, EventKind.CLICK)
    with unit_of_work() as work:
        (page,) = work.training_log.pages(None)
    assert (page.slate_id, page.created_at, page.simulated) == (slate.id, NOW, True)
    assert (page.catalog_version, page.ranker_version, page.page) == ("c", "r", 1)
    assert page.listings == LISTINGS
    told = read(unit_of_work)[1]
    assert told == {(slate.id, "impression", 2), (slate.id, "click", 2)}


def test_simulated_searches_are_left_out_with_what_happened_to_them(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    real = keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
    simulated = keep(unit_of_work, a_slate(NOW, simulated=True), EventKind.CLICK)
    assert set(read(unit_of_work)[0]) == {real, simulated}
    assert read(unit_of_work, real_only=True) == ([real], {(real, "click", 2)})


def test_what_is_older_is_left_out_with_what_happened_to_it(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    old = a_slate(NOW - timedelta(days=2))
    keep(unit_of_work, old)
    with unit_of_work() as work:
        late = ServedEvent(new_id(NOW), EventKind.CLICK, "lst_1", 1)
        work.slates.add_events(old.id, [late], NOW)
    new = keep(unit_of_work, a_slate(NOW), EventKind.CLICK)
    assert read(unit_of_work, NOW - timedelta(days=1)) == ([new], {(new, "click", 2)})
    assert (old.id, "click", 1) in read(unit_of_work)[1]


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
        ("applied", "rejected", {"request"}),
    ],
)
def test_real_requests_and_acceptances_are_read_from_where_they_live(
    engine: Engine, keyring: Keyring, verdict: str, status: str, kinds: set[str]
) -> None:
    leads = Leads(engine, keyring)
    school = leads.school("An organization")
    lead_id = leads.lead(school)
    leads.run(
        "INSERT INTO disposition (id, lead_id, organization_id, received_at, raw, verdict, status)"
        " VALUES (:id, :lead, :organization, now(), '', :verdict, :status)",
        id=new_id(NOW),
        lead=lead_id,
        organization=school.organization_id,
        verdict=verdict,
        status=status,
    )
    with engine.connect() as connection:
        slate_id, position = connection.execute(
            text(
                "SELECT r.slate_id, t.position FROM request r JOIN lead l ON l.request_id = r.id "
                "JOIN lead_listing t ON t.lead_id = l.id"
            )
        ).one()
    told = read(leads.unit_of_work)[1]
    assert told == {(slate_id, kind, position) for kind in kinds}
