"""Bring a database to the newest schema; safe to run from several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from models.db.partitions import make_partitions

# Any constant will do: it only has to be the same in every process that migrates.
_LOCK = 7_034_117


def migrate(engine: Engine) -> None:
    """Run what is missing, in one transaction, while others wait."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        make_partitions(connection)
