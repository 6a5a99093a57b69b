from sqlalchemy import Engine, text

from models.db.partitions import PARTITIONED, make_partitions

INSERT = text(
    "INSERT INTO event (id, created_at, slate_id, kind, listing_id, position)"
    " VALUES (gen_random_uuid(), now() + :later * interval '1 day', gen_random_uuid(),"
    " 'click', 'lst_1', 1) RETURNING tableoid::regclass::text, to_char(created_at, 'YYYY_MM')"
)


def test_rows_of_this_month_and_the_next_have_a_partition_of_their_own(engine: Engine) -> None:
    with engine.begin() as connection:
        assert make_partitions(connection) == []
        for later in (0, 28):
            home, month = connection.execute(INSERT, {"later": later}).one()
            assert home == f"event_{month}"


def test_a_row_far_ahead_is_kept_in_the_default_partition_and_stays_there(engine: Engine) -> None:
    with engine.begin() as connection:
        home, _ = connection.execute(INSERT, {"later": 120}).one()
        assert home == "event_default"
        made = make_partitions(connection, months_ahead=6)
        months = {name.removeprefix("event_") for name in made if name.startswith("event_")}
        assert len(months) == 3, "the month of that row must be left out, the others made"
        assert connection.execute(text("SELECT count(*) FROM event")).scalar_one() == 1


def test_all_four_tables_are_covered() -> None:
    assert PARTITIONED == ("event", "search", "slate", "slate_page")
