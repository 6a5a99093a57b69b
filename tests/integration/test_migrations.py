from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from models.db.tables import METADATA


def test_migrations_make_exactly_the_tables_that_the_code_declares(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables},
        )
        assert compare_metadata(context, METADATA) == []


def test_tables_that_grow_with_traffic_are_partitioned_by_month(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind = 'p' ORDER BY relname"
        )
        assert [row[0] for row in rows] == ["event", "search", "slate", "slate_page"]
