"""``schoolmatch restore``: put a backup into an empty database, and prove that it is whole."""

from pathlib import Path

import click
from sqlalchemy import Connection, text

from commands.backup.embedded import a_database
from commands.backup.folder import (
    DATABASE,
    ERASED,
    PERSON_KEYS,
    Manifest,
    copy_store,
    read_manifest,
)
from commands.backup.looking import count_rows, revision_of, tables_in, what_is_lost
from commands.backup.programs import run_program
from commands.doors import Door, door
from commands.person import erase_those_of
from models.db.crypto import check_value
from models.db.migrate import RESTORING, migrate
from models.domain.chain import Chain
from models.proof.export import verify_rows
from models.proof.signing import is_signed

# Persons whose keys are not in the backup any more: their rows stay, and nothing opens.
_KEYLESS = text("""
    INSERT INTO person_key (person_id, master_key_id, wrapped, created_at, shredded_at)
    SELECT person_id, 'none', NULL, min(created_at), now() FROM request GROUP BY person_id
""")


def _say(told: str) -> None:
    click.echo(f"  {told}", err=True)


@click.command()
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--without-keys",
    is_flag=True,
    help="Restore also where the keys at hand do not open what it holds.",
)
def restore(backup: Path, *, without_keys: bool) -> None:
    """Put BACKUP into the database that the settings name, which must be empty.

    Where they name none, that is the embedded one of the data folder: put the secrets.env of the
    lost installation there first, and start `schoolmatch up` afterwards.

    Interrupted, it leaves an empty database; killed, what it left is removed by the next restore.
    """
    manifest = read_manifest(backup)
    with a_database(), door() as opened:
        _check_keys(opened, manifest, without_keys=without_keys)
        _prepare(opened)
        try:
            _fill(opened, backup)
            _prove(opened, manifest)
            migrate(opened.engine, restoring=True)
            erased = backup.parent / ERASED
            back, _ = erase_those_of(opened, erased) if erased.exists() else (0, 0)
            copy_store(backup.parent / "store", opened.settings.store, _say)
        except BaseException:
            with opened.engine.begin() as connection:
                _empty(connection)
            raise
        # The last of it: until here nobody may use what still holds who was erased meanwhile.
        with opened.engine.begin() as connection:
            connection.execute(text(f"DROP TABLE {RESTORING}"))
    for name, many in manifest.counts.items():
        click.echo(f"{many:>9}  {name}")
    if not (backup / PERSON_KEYS).exists():
        click.echo("The keys of persons had expired: leads and chains are here, people are not.")
    if not erased.exists():
        click.echo(f"{erased} is not there: who was erased after this backup is back.")
    if back:
        click.echo(f"{back} persons who were erased after this backup are erased again.")
    click.echo("Restored. What was sent after the backup was made is sent again, by the same ids.")


def _check_keys(opened: Door, manifest: Manifest, *, without_keys: bool) -> None:
    lost = what_is_lost(manifest.master_keys, manifest.counts, opened.settings.master_keys)
    problems = [] if lost is None else [lost]
    if manifest.index_key != check_value(opened.settings.index_key):
        problems.append(
            "INDEX_KEY is not the one of this backup: whoever said stop, or was deleted, would not "
            "be known again."
        )
    if problems and not without_keys:
        problems.append("Put the keys back, or restore what is left with --without-keys.")
        raise click.ClickException("\n".join(problems))
    for problem in problems:
        click.echo(problem, err=True)


def _prepare(opened: Door) -> None:
    """Make sure that the database is empty, and mark it as being restored."""
    with opened.engine.begin() as connection:
        tables = tables_in(connection)
        if tables and RESTORING not in tables:
            raise click.ClickException(
                f"The database is not empty: it has {len(tables)} tables, such as {tables[0]}.\n"
                "Nothing was changed. Name an empty one in DATABASE_URL."
            )
        _empty(connection)
        connection.execute(text(f"CREATE TABLE {RESTORING} ()"))


def _fill(opened: Door, backup: Path) -> None:
    """Fill tables first; what they refer to is checked when all is there."""
    url, whole = opened.settings.database_url, str(backup / DATABASE)
    common = ["--no-owner", "--no-privileges", "--exit-on-error"]
    for section in ("pre-data", "data"):
        run_program("pg_restore", [*common, f"--section={section}", whole], url, _say)
    if (backup / PERSON_KEYS).exists():
        keys = [*common, "--section=data", str(backup / PERSON_KEYS)]
        run_program("pg_restore", keys, url, _say)
    else:
        with opened.engine.begin() as connection:
            connection.execute(_KEYLESS)
    run_program("pg_restore", [*common, "--section=post-data", whole], url, _say)


def _prove(opened: Door, manifest: Manifest) -> None:
    """Compare what is there with what was backed up, row for row and link for link."""
    with opened.engine.connect() as connection:
        counts, revision = count_rows(connection), revision_of(connection)
    if counts != manifest.counts or revision != manifest.revision:
        raise click.ClickException(f"Rows are missing: {counts} instead of {manifest.counts}.")
    for chain in Chain:
        sequence, _, link = manifest.heads[chain].partition(":")
        # A chain that nobody sealed yet has no head to be there.
        noted = (int(sequence), link) if int(sequence) else None
        with opened.unit_of_work() as work:
            report = verify_rows(chain, work.chains.lines(chain), None, is_signed, noted)
        if not report.holds:
            raise click.ClickException(f"The {chain} chain does not hold: {report.problems[0]}")
        _say(f"the {chain} chain holds: {report.sealed} rows")


def _empty(connection: Connection) -> None:
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))
