"""The commands' door to the database: settings checked, connections opened, clock wound."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from commands.place import data_folder, read_settings_file
from config.logging import configure_logging
from config.settings import Settings, SettingsError, load_settings
from matcher.signature import public_key
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import Clock, SystemClock
from models.domain.errors import InvalidInputError, SchoolmatchError
from models.domain.organization import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Door:
    """What a command needs of the outside."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    unit_of_work: Callable[[], PostgresUnitOfWork]
    clock: Clock

    @property
    def ranker_key(self) -> bytes:
        """The public key that rankers are signed with."""
        return public_key(self.settings.ranker_key)


def open_door() -> Door:
    """Open the database named by the environment, else by the running ``schoolmatch up``.

    Raises:
        click.ClickException: when settings are missing; the text says what to do.
    """
    # Standard output is for what was asked for: with --json, for nothing but that document.
    configure_logging("WARNING", "command")
    running = read_settings_file(data_folder())
    try:
        settings = load_settings()
    except SettingsError as error:
        hint = (
            ""
            if running
            else (
                f"\nNo running schoolmatch was found in {data_folder()}: start `schoolmatch up`, "
                "or set these."
            )
        )
        raise click.ClickException(f"{error}{hint}") from error
    engine = make_engine(settings.database_url, pool_size=2)
    keyring = Keyring(settings.master_keys, settings.index_key)
    return Door(
        settings, engine, keyring, lambda: PostgresUnitOfWork(engine, keyring), SystemClock()
    )


@contextmanager
def door() -> Iterator[Door]:
    """Open the door for one command and close it after; what goes wrong is said plainly."""
    opened = open_door()
    try:
        yield opened
    except InvalidInputError as error:
        lines = [f"{path}: {text}" for path, texts in error.messages.items() for text in texts]
        raise click.ClickException("\n".join(lines)) from error
    except SchoolmatchError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(
            f"The database does not answer: {_first_line(error.orig)}\n"
            "Is `schoolmatch up` running, or DATABASE_URL right?"
        ) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    finally:
        opened.engine.dispose()


def whoami() -> Actor:
    """Say who runs this command, for the audit."""
    return Actor(ActorKind.COMMAND, getpass.getuser())


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0]
