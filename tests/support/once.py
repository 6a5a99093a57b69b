"""What is dear and made once for a whole test run, for all of its processes.

The process that starts the run makes a folder and names it in the environment, so that the
processes it starts share it; whoever needs a thing first makes it, under a lock, and everybody
works on a copy.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

_NAMED = "SCHOOLMATCH_TESTS_ONCE"


def begin() -> Path | None:
    """Make the run's folder; None in a process that shares another's."""
    if os.getenv(_NAMED):  # noqa: TID251 - how processes of one run find each other
        return None
    # Under root a place that the user PostgreSQL runs as can reach, see commands/place.py.
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-once-", dir="/var/tmp"))
    folder.chmod(0o755)
    os.environ[_NAMED] = str(folder)  # noqa: TID251 - see above
    return folder


def end(folder: Path) -> None:
    """Remove the run's folder."""
    del os.environ[_NAMED]  # noqa: TID251 - see above
    shutil.rmtree(folder, ignore_errors=True)


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that ``make`` filled, in this process or another; nobody may change it.

    A folder whose making failed is made again by the next who needs it.
    """
    run = Path(os.environ[_NAMED])  # noqa: TID251 - see above
    folder, whole = run / name, run / f"{name}.whole"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o755)
            make(folder)
            whole.touch()
    return folder


def copy(folder: Path, to: Path) -> None:
    """Copy a folder with owners, modes and times, so that servers find their data as they left it.

    Raises:
        CalledProcessError: when something cannot be copied.
    """
    subprocess.run(["cp", "-a", "--reflink=auto", str(folder), str(to)], check=True)
