from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.catalog import TextColumn
from matcher.ingest.snapshot import hash_folder, text_column, write_snapshot

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


def test_what_a_killed_build_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".building-dead"
    left.mkdir()
    (left / "one.npy").write_bytes(b"half")
    version = write_snapshot(tmp_path, ARRAYS, {})
    assert not left.exists()
    assert (tmp_path / version / "manifest.json").exists()


def test_texts_come_back_as_they_went_in() -> None:
    texts = ["Universidad de Puerto Rico", "", "École Polytechnique", ""]
    column = TextColumn(*text_column(texts))
    assert [column[row] for row in range(len(column))] == texts
