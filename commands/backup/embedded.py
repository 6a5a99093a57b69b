"""The embedded PostgreSQL of a data folder, run for as long as a restore takes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands.place import SETTINGS_FILE, data_folder
from commands.up import configuration
from commands.up.children import Spec, tethered, working_folder
from commands.up.folder import open_folder
from commands.up.postgres import Postgres
from commands.up.processes import wait_until

_RUN = "restore"
_LONGEST_START = 60.0


@contextmanager
def a_database() -> Iterator[None]:
    """Make sure that settings name a database: theirs, or the data folder's own, started here.

    The folder's secrets are used; put the ``secrets.env`` of the lost installation there first.
    """
    folder = data_folder()
    named = configuration.given("DATABASE_URL") is not None
    if named or (folder / SETTINGS_FILE).exists():
        yield
        return
    with _running(Postgres(open_folder(folder)), folder) as url:
        nowhere = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"}
        configuration.settle(folder, {**nowhere, "STORE": str(folder / "store")})
        try:
            yield
        finally:
            configuration.forget(folder)


@contextmanager
def _running(server: Postgres, folder: Path) -> Iterator[str]:
    """Make the server where there is none, and run it until the block ends."""
    if not server.exists():
        # Made first: secrets are made only where no data is that others sealed.
        configuration.secrets_of(folder)
        making = Spec("initdb", server.initdb(), user=server.user)
        subprocess.run(  # noqa: S603 - a command of ours, no shell
            tethered(making, _RUN), cwd=working_folder(making), check=True, capture_output=True
        )
        server.finish()
    spec = server.spec()
    with (folder / "logs" / "restore.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a command of ours, no shell
            tethered(spec, _RUN), cwd=working_folder(spec), stdout=log, stderr=log
        )
        try:
            wait_until(lambda: bool(spec.ready and spec.ready()), _LONGEST_START)
            yield server.url
        finally:
            process.send_signal(spec.stops[0][0])
            process.wait(spec.stops[0][1])
