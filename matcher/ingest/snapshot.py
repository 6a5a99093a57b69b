"""Writes a snapshot folder so that it is there whole or not at all.

Everything goes to a hidden folder beside the snapshots, is forced to disk, hashed, and then
renamed to its hash. A process that dies halfway leaves only the hidden folder, which no reader
opens and the next build removes.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import hash_folder

_BUILDING = ".building-"


def text_column(texts: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Lay strings out as one blob and n + 1 offsets (see ``matcher.catalog.TextColumn``)."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def write_snapshot(
    folder: Path, arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any]
) -> str:
    """Write the files, name the folder after their hash, and return that version.

    Writing what is there already changes nothing.
    """
    with alone(folder, _BUILDING):
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))
        try:
            for name in sorted(arrays):
                with (building / f"{name}.npy").open("wb") as file:
                    np.save(file, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
            (building / "manifest.json").write_text(text + "\n", encoding="utf-8")
            version = hash_folder(building)
            if not (folder / version).exists():
                _force(building)
                building.chmod(0o755)
                building.rename(folder / version)
                _force_folder(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return version


@contextmanager
def alone(folder: Path, begun: str) -> Iterator[None]:
    """Let one process write to a folder at a time, and clear what a dead one began.

    Args:
        folder: made when it is not there.
        begun: how the names of unfinished files and folders begin.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{begun}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
        yield


def _force(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _force_folder(folder)


def _force_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
