"""The data folder: made once, marked as ours, and the only thing that ``--fresh`` ever empties.

No existing folder's mode is changed, under root either: where the user that PostgreSQL runs as
could not reach the folder, the start is refused instead.
"""

import os
import shutil
import stat
from pathlib import Path

from commands.up.errors import StartError

MARKER = ".schoolmatch-data"
_KEPT_WHEN_EMPTIED = {MARKER, "lock"}


def open_folder(path: Path) -> Path:
    """Make the data folder, or open the one made before.

    Raises:
        StartError: when the folder is somebody else's or holds something else.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise StartError(f"{path} is not a folder; choose another with --data.")
    if not path.exists():
        _make(path)
    if path.stat().st_uid != os.geteuid():
        raise StartError(f"{path} belongs to another user; choose another folder with --data.")
    if not (path / MARKER).exists():
        if any(path.iterdir()):
            raise StartError(
                f"{path} is not empty and was not made by schoolmatch; "
                "choose an empty or new folder with --data."
            )
        (path / MARKER).write_text("Data of schoolmatch; `schoolmatch up --fresh` empties it.\n")
    for name in ("logs", "store"):
        (path / name).mkdir(exist_ok=True)
    return path


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise StartError(f"{path} cannot be made: {error.strerror}.") from error
    # Private, but under root the user that PostgreSQL runs as must be able to pass through.
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)


def require_passable(path: Path) -> None:
    """Make sure that every user may pass through all folders above, as PostgreSQL must under root.

    Raises:
        StartError: naming the folder that keeps others out.
    """
    for folder in (path, *path.resolve().parents):
        if not stat.S_IMODE(folder.stat().st_mode) & stat.S_IXOTH:
            raise StartError(
                f"Under root, PostgreSQL runs as a user of its own, who may not pass {folder}.\n"
                f"Choose a folder outside private ones, such as --data /var/tmp/{path.name}, "
                "or set DATABASE_URL."
            )


def empty(path: Path) -> None:
    """Delete everything in a data folder that carries our marker.

    Raises:
        StartError: when it does not carry it.
    """
    if not (path / MARKER).is_file():
        raise StartError(f"{path} was not made by schoolmatch; nothing was deleted.")
    for entry in path.iterdir():
        if entry.name in _KEPT_WHEN_EMPTIED:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for name in ("logs", "store"):
        (path / name).mkdir()
