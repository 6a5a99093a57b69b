import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.catalog import TextColumn, hash_folder
from matcher.ingest.snapshot import text_column, write_snapshot

PROJECT = Path(__file__).parents[4]
ARRAYS: dict[str, NDArray[Any]] = {"one": np.arange(3), "two": np.array([1.5, np.nan])}


class Dying:
    """An array that cannot be read: the process dies halfway through writing."""

    def __array__(self, *_: object, **__: object) -> NDArray[Any]:
        raise OSError("no space left on device")


def test_a_snapshot_is_named_after_its_bytes(tmp_path: Path) -> None:
    version = write_snapshot(tmp_path, ARRAYS, {"format": 1})
    assert hash_folder(tmp_path / version) == version
    assert write_snapshot(tmp_path, ARRAYS, {"format": 1}) == version
    assert write_snapshot(tmp_path, ARRAYS, {"format": 2}) != version


def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    version = write_snapshot(tmp_path, ARRAYS, {})
    file = tmp_path / version / "one.npy"
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert hash_folder(tmp_path / version) != version


def test_a_write_that_fails_midway_leaves_nothing_behind(tmp_path: Path) -> None:
    dying: Any = Dying()
    with pytest.raises(OSError, match="no space left"):
        write_snapshot(tmp_path, {**ARRAYS, "two": dying}, {})
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


_KILLED = """
import os, signal, sys
import signal
import subprocess
import sys
from pathlib import Path
import numpy as np
from matcher.ingest.snapshot import write_snapshot

class Deadly:
    def __array__(self, *_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

write_snapshot(Path(sys.argv[1]), {"one": np.arange(3), "two": Deadly()}, {})
"""


def test_a_killed_build_leaves_no_snapshot_and_the_next_clears_it(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", _KILLED, tmp_path], check=False, cwd=PROJECT)
    assert run.returncode == -signal.SIGKILL
    left = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert [(path / "one.npy").exists() for path in left] == [True]
    assert all(path.name.startswith(".") for path in left)
    version = write_snapshot(tmp_path, ARRAYS, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", version]


def test_texts_come_back_as_they_went_in() -> None:
    texts = ["Universidad de Puerto Rico", "", "École Polytechnique", ""]
    column = TextColumn(*text_column(texts))
    assert [column[row] for row in range(len(column))] == texts
