"""``schoolmatch keys``: master keys, and wrapping data keys by a new one."""

import os
from base64 import b64encode
from typing import Any

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import Door, door, whoami
from commands.place import data_folder
from commands.up.configuration import change_secrets, given, kept_secrets
from models.db.repositories.master_keys import WRAPPING, MasterKeys

_NAME = "MASTER_KEYS"


@click.group()
def keys() -> None:
    """Master keys wrap the data key of each person, organization, member of staff and session."""


@keys.command("list")
@as_json_option
def list_keys(*, as_json: bool) -> None:
    """List master keys: which wraps new data keys, which are here, how many keys each wraps."""
    with door() as opened:
        rows = _rows(opened)
    if as_json:
        show_json(rows)
        return
    show_table(rows, ("id", "current", "here", "wraps"), "There are no master keys.")


@keys.command()
def add() -> None:
    """Make a new master key.

    An installation of `schoolmatch up` keeps it, and uses it from its next start on. Elsewhere it
    is printed, to be put into MASTER_KEYS: at its end first, everywhere, so that every process can
    read what it wraps; then at its front.
    """
    held = _held_here()
    with door() as opened:
        known = {
            *opened.settings.master_keys,
            *_kept_names(),
            *(each["id"] for each in _rows(opened)),
        }
        name = next(f"k{n}" for n in range(1, 10_000) if f"k{n}" not in known)
        made = f"{name}:{b64encode(os.urandom(32)).decode()}"
        _note(opened, "keys.add", name)
    if held:
        kept = kept_secrets(data_folder())[_NAME]
        change_secrets(data_folder(), {_NAME: f"{made},{kept}"})
        click.echo(f"{name} wraps new keys from the next start of `schoolmatch up` on.")
        click.echo("Then: schoolmatch keys rewrap. Keep a copy of secrets.env apart from backups.")
        return
    click.echo(made)
    click.echo(
        "1. Put it at the end of MASTER_KEYS of every process, and start them anew.\n"
        "2. Put it at the front everywhere, and start them anew: it wraps new keys now.\n"
        "3. schoolmatch keys rewrap\n"
        "4. schoolmatch keys remove OLD",
        err=True,
    )


@keys.command()
@click.option("--batch", default=500, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
def rewrap(*, batch: int, as_json: bool) -> None:
    """Wrap every data key by the current master key, in batches, beside live traffic.

    It may be stopped at any moment and started again: what was done stays done. Every process must
    have the current key in MASTER_KEYS by now.
    """
    with door() as opened:
        done = {table.name: _rewrap(opened, table, batch) for table in WRAPPING}
        _note(opened, "keys.rewrap", opened.keyring.current, **done)
        left = [row for row in _rows(opened) if row["wraps"] and not row["current"]]
    if as_json:
        show_json({"rewrapped": done, "left": left})
        return
    click.echo(f"{sum(done.values())} data keys are wrapped by {opened.keyring.current} now.")
    for row in left:
        click.echo(f"{row['id']} wraps {row['wraps']} again: run this once more.")


@keys.command()
@click.argument("key_id", metavar="ID")
def remove(key_id: str) -> None:
    """Take a master key away that wraps nothing any more."""
    held = _held_here()
    with door() as opened:
        rows = {row["id"]: row for row in _rows(opened)}
        row = rows.get(key_id)
        if row is None:
            raise click.ClickException(f"There is no master key {key_id}.")
        if row["current"]:
            raise click.ClickException(f"{key_id} wraps new keys: put another one first.")
        if row["wraps"]:
            raise click.ClickException(
                f"{key_id} wraps {row['wraps']} data keys still: `schoolmatch keys rewrap` first."
            )
        _note(opened, "keys.remove", key_id)
    if held:
        parts = kept_secrets(data_folder())[_NAME].split(",")
        left = [part for part in parts if not part.startswith(f"{key_id}:")]
        change_secrets(data_folder(), {_NAME: ",".join(left)})
        click.echo(f"{key_id} is gone from the next start on.")
    else:
        click.echo(f"{key_id} wraps nothing: take it out of MASTER_KEYS.")
    click.echo(
        "Backups made before need it: keep it with them, apart, for as long as you keep them."
    )


def _rewrap(opened: Door, table: Any, batch: int) -> int:
    done, after = 0, None
    while True:
        with opened.engine.begin() as connection:
            found = MasterKeys(connection, opened.keyring).rewrap(table, after, batch)
        done, after = done + found.rows, found.last
        if found.rows:
            click.echo(f"{table.name}: {done}", err=True)
        if after is None:
            return done


def _rows(opened: Door) -> list[dict[str, Any]]:
    with opened.engine.connect() as connection:
        used = MasterKeys(connection, opened.keyring).used()
    here = opened.settings.master_keys
    return [
        {
            "id": name,
            "current": name == opened.keyring.current,
            "here": name in here,
            "wraps": sum(used.get(name, {}).values()),
            "tables": used.get(name, {}),
        }
        for name in (*here, *(name for name in used if name not in here))
    ]


def _held_here() -> bool:
    """Tell whether `schoolmatch up` keeps the keys; ask before a door puts them into settings."""
    return given(_NAME) is None and bool(_kept_names())


def _kept_names() -> set[str]:
    """Name the keys that `schoolmatch up` keeps, those it will begin to use too."""
    kept = kept_secrets(data_folder()).get(_NAME, "")
    return {part.partition(":")[0] for part in kept.split(",") if part}


def _note(opened: Door, action: str, subject: str, **detail: Any) -> None:
    with opened.unit_of_work() as work:
        work.organizations.record_audit(whoami(), action, subject, detail, opened.clock.now())
