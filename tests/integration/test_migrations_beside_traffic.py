"""Migrations of tables that are large and in use: neither cut short nor in anybody's way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

import models.db
from models.db.engine import make_engine
from models.db.migrate import migrate
from tests.support.leads import eventually

# A table is large: to change it takes longer than a statement of those who serve may.
_SLOWLY = """
    CREATE FUNCTION slowly() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(0.4); END $$;
    CREATE EVENT TRIGGER slowly ON ddl_command_end WHEN TAG IN ('ALTER TABLE')
      EXECUTE FUNCTION slowly();
"""
# What a build that was interrupted leaves behind.
_HALF_BUILT = """
    CREATE INDEX ix_delivery_by_mail ON delivery (due_at);
    UPDATE pg_index SET indisvalid = false
    WHERE indexrelid = 'ix_delivery_by_mail'::regclass;
"""
_WAITS = """
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'delivery'::regclass
                   AND mode = 'AccessExclusiveLock' AND NOT granted)
"""
_BUILT = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_delivery_by_mail'::regclass"


@pytest.fixture
def older(postgres_url: str) -> Iterator[Engine]:
    """A database before people of schools were told of changes by e-mail, as those who serve it."""
    name = f"older_{uuid4().hex[:8]}"
    address = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    outside = create_engine(address, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine = make_engine(
        postgres_url.replace("/postgres?", f"/{name}?"), statement_timeout_ms=10_000
    )
    config = Config()
    folder = Path(models.db.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0023")
        connection.exec_driver_sql(_HALF_BUILT + _SLOWLY)
        connection.commit()
    yield engine
    engine.dispose()
    with outside.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    outside.dispose()


def test_a_migration_takes_its_time_and_holds_up_nobody_who_reads(older: Engine) -> None:
    hasty = make_engine(older.url.render_as_string(hide_password=False), statement_timeout_ms=200)
    with ThreadPoolExecutor(2) as starts, older.connect() as reader:
        reader.execute(text("SELECT count(*) FROM delivery"))
        two = [starts.submit(migrate, hasty) for _ in range(2)]

        def one_waits() -> bool:
            with older.connect() as watcher:
                return bool(watcher.execute(text(_WAITS)).scalar_one())

        assert eventually(one_waits, 30)
        with older.connect() as another:
            assert another.execute(text("SELECT count(*) FROM delivery")).scalar_one() == 0
        assert not any(start.done() for start in two)
        reader.commit()
        for start in two:
            start.result(60)
    with older.connect() as connection:
        assert connection.execute(text(_BUILT)).scalar_one() is True
    hasty.dispose()
