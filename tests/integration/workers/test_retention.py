"""Who sent a request long ago is forgotten; what still waits, and who is young, is not."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.db.partitions import PARTITIONED, drop_partitions
from models.domain.clock import FixedClock
from models.domain.delivery import DeliveryStatus
from tests.support.leads import NOW, Leads
from workers.maintenance.retention import Forgetting, forget_people, forget_searches

YEARS = timedelta(days=1826)


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.mark.parametrize(
    ("status", "later", "erased"),
    [
        (DeliveryStatus.DELIVERED, timedelta(days=1), 1),
        (DeliveryStatus.DELIVERED, -timedelta(days=1), 0),
        (DeliveryStatus.PENDING, timedelta(days=1), 0),
        (DeliveryStatus.IN_DOUBT, timedelta(days=1), 0),
    ],
)
def test_a_person_goes_when_their_time_is_over_and_nothing_of_theirs_waits(
    leads: Leads, status: DeliveryStatus, later: timedelta, erased: int
) -> None:
    school = leads.school("https://school.example/hook")
    delivery = leads.deliver(school, leads.lead(school))
    leads.set(delivery, status=status.value)
    clock = FixedClock(NOW + YEARS + later)
    assert forget_people(leads.unit_of_work, clock, YEARS) == erased
    with leads.engine.connect() as connection:
        kept = connection.execute(text("SELECT wrapped, shredded_at FROM person_key")).one()
    assert (kept.wrapped is None) == (kept.shredded_at is not None) == bool(erased)
    with leads.unit_of_work() as work:
        told = [row for row in work.watch.audit_tail(10) if row.action == "person.forget"]
        assert len(work.persons.erasures()) == erased
    assert [row.detail["requests"] for row in told] == [1] * erased
    assert forget_people(leads.unit_of_work, clock, YEARS) == 0, "once"


def test_without_a_limit_nobody_goes(leads: Leads) -> None:
    leads.lead(leads.school("https://school.example/hook"))
    clock = FixedClock(NOW + 10 * YEARS)
    assert forget_people(leads.unit_of_work, clock, timedelta(0)) == 0
    assert forget_searches(lambda _: ["event_2020_01"], clock, timedelta(0)) == []


def test_more_than_one_transaction_holds_are_all_forgotten(leads: Leads) -> None:
    school = leads.school("https://school.example/hook")
    for _ in range(5):
        leads.lead(school)
    clock = FixedClock(NOW + 2 * YEARS)
    assert forget_people(leads.unit_of_work, clock, YEARS, together=2) == 5


def test_months_of_searches_that_are_over_are_dropped_whole(
    engine: Engine, keyring: Keyring
) -> None:
    make = "CREATE TABLE {0}_{1}_{2} PARTITION OF {0} FOR VALUES FROM ('{1}-{2}-01') TO ('{3}-01')"
    put = text(
        "INSERT INTO event (id, created_at, slate_id, kind, listing_id, position) "
        "VALUES (gen_random_uuid(), :at, gen_random_uuid(), 'click', 'lst_1', 1)"
    )
    with engine.begin() as connection:
        for table in PARTITIONED:
            connection.execute(text(make.format(table, "2020", "01", "2020-02")))
            connection.execute(text(make.format(table, "2020", "02", "2020-03")))
        # The last two stand in the default partition.
        for at in ("2020-01-05", "2020-02-05", "2019-07-05", "2020-02-28", "2020-05-01"):
            connection.execute(put, {"at": f"{at} 00:00Z"})
    kept_for = NOW.date() - date(2020, 2, 20)
    drop = partial(drop_partitions, engine)
    Forgetting(Leads(engine, keyring).unit_of_work, drop, FixedClock(NOW), kept_for, kept_for)()
    assert forget_searches(drop, FixedClock(NOW), kept_for) == [], "once"
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT relname FROM pg_class WHERE relname ~ '_2020_' AND relkind = 'r'")
        ).scalars()
        assert sorted(left) == [f"{table}_2020_02" for table in PARTITIONED]
        rows = connection.execute(text("SELECT created_at::date FROM event ORDER BY 1")).scalars()
        assert [str(day) for day in rows] == ["2020-02-05", "2020-02-28", "2020-05-01"]
