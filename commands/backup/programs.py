"""Runs PostgreSQL's own programs for dumps, against whichever database the settings name."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.engine import URL, make_url

from commands.up.postgres import programs

# What the programs say of each table as they begin with it.
_TOLD = ("dumping contents of table", "processing data for table")


def run_program(
    name: str, arguments: list[str], database_url: str, say: Callable[[str], None]
) -> None:
    """Run ``pg_dump`` or ``pg_restore``; each table it comes to is told.

    Args:
        name: which program.
        arguments: but the database's address.
        database_url: the address; a password goes by a file that only we can read.
        say: told what is being done.

    Raises:
        click.ClickException: with what the program said last, when it failed.
    """
    with _address(database_url) as address:
        command = [str(programs() / name), "--verbose", f"--dbname={address}", *arguments]
        last: list[str] = []
        process = subprocess.Popen(  # noqa: S603 - a program of the wheel, no shell
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        try:
            for line in process.stderr or ():
                last = [*last[-8:], line.rstrip()]
                if any(told in line for told in _TOLD):
                    say(line.rpartition(" ")[2].strip().strip('"'))
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
            if process.stderr is not None:
                process.stderr.close()
    if process.returncode:
        raise click.ClickException(f"{name} failed:\n" + "\n".join(last))


@contextmanager
def _address(database_url: str) -> Iterator[str]:
    """Write an address that shows no password in the list of processes."""
    url = make_url(database_url).set(drivername="postgresql")
    if url.password is None:
        yield url.render_as_string()
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pgpass"
        file.touch(mode=0o600)
        password = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        file.write_text(f"*:*:*:*:{password}\n")
        plain = URL.create(
            "postgresql", url.username, None, url.host, url.port, url.database, url.query
        )
        yield plain.update_query_dict({"passfile": str(file)}).render_as_string()
