"""``schoolmatch backup``: everything that must not be lost, as it is at one moment."""

import shutil
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import text

from commands.backup.folder import (
    DATABASE,
    ERASED,
    KEYS_KEPT,
    PERSON_KEYS,
    Manifest,
    alone_in,
    copy_store,
    hash_file,
    prune_person_keys,
)
from commands.backup.looking import count_rows, heads_of, in_time, keys_of, revision_of
from commands.backup.programs import run_program
from commands.doors import Door, door
from commands.person import write_erasures
from models.db.crypto import check_value

_STAND_STILL = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
# Of visitors and staff who are in now, and what they typed: it may not outlive them in a backup.
_LEFT_OUT = ("web_session", "staff_session")


def _say(told: str) -> None:
    click.echo(f"  {told}", err=True)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write a backup into FOLDER, beside those that are there, while everything runs.

    All of it is one moment's. Master keys are NOT in it: keep them apart, or nobody who finds the
    backup is kept out. The keys of persons lie in a file of their own, and each run removes those
    older than 30 days, so that who was erased is erased from backups too.
    """
    with alone_in(folder), door() as opened:
        made = make_backup(opened, folder, opened.clock.now())
        copy_store(opened.settings.store, folder / "store", _say)
        # Beside all backups, so that an older one cannot bring back who was erased after it.
        write_erasures(opened, folder / ERASED)
        pruned = prune_person_keys(folder, opened.clock.now())
    click.echo(f"{made} is written; restore it with: schoolmatch restore {made}")
    click.echo(
        "MASTER_KEYS, INDEX_KEY, CHAIN_KEYS and the other secrets are not in it: keep a copy"
    )
    click.echo("of them apart. Without the master keys no personal data can be read.")
    if pruned:
        click.echo(f"Keys of persons are gone from {', '.join(pruned)} ({KEYS_KEPT.days} days).")


def make_backup(opened: Door, folder: Path, now: datetime) -> Path:
    """Write a backup; what was interrupted is a draft, and the next run removes it.

    Args:
        opened: the database.
        folder: where backups lie; nobody else writes there now.
        now: names the backup.

    Returns:
        The backup's own folder.
    """
    for left in folder.glob("*.draft"):
        shutil.rmtree(left)
    draft = folder / f"{in_time(now)}.draft"
    draft.mkdir(mode=0o700)
    with opened.engine.connect() as connection:
        connection.execute(_STAND_STILL)
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        dumps = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        without = [f"--exclude-table-data={name}" for name in ("person_key", *_LEFT_OUT)]
        url = opened.settings.database_url
        run_program("pg_dump", [*dumps, *without, f"--file={draft / DATABASE}"], url, _say)
        keys = ["--data-only", "--table=person_key", f"--file={draft / PERSON_KEYS}"]
        run_program("pg_dump", [*dumps, *keys], url, _say)
        Manifest(
            at=now,
            revision=revision_of(connection),
            counts=count_rows(connection),
            heads=heads_of(opened, connection),
            master_keys=keys_of(opened, connection),
            index_key=check_value(opened.settings.index_key),
            checksums={name: hash_file(draft / name) for name in (DATABASE, PERSON_KEYS)},
        ).write(draft)
    return draft.rename(folder / in_time(now))
