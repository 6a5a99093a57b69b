"""What is known of fields and their words, as plain arrays: ``matcher/data/fieldmodel.npz``.

``matcher.learn.fields`` lays out the packaged words, fits all parts with scikit-learn and writes
the file; a process that only asks reads these arrays, parses no words and never meets a learning
library.
"""

from collections.abc import Iterable
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAYS = "fieldmodel.npz"

Arrays = dict[str, NDArray[Any]]


def load_arrays() -> Arrays:
    """Read the packaged arrays."""
    return read_arrays((files("matcher") / "data" / ARRAYS).read_bytes())


def read_arrays(data: bytes) -> Arrays:
    """Read the arrays from the bytes that ``matcher.learn.fields.fit`` gave."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def join_texts(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Write texts of one line each, none of them empty, end to end as UTF-8."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def split_texts(joined: NDArray[np.uint8]) -> list[str]:
    """Give back the texts that ``join_texts`` joined."""
    return joined.tobytes().decode().split("\n") if len(joined) else []
