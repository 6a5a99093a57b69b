"""A catalog ten times as large, made of copies: what does matching cost when it grows?"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import LEVELS, Catalog, TextColumn, pack_key
from matcher.match import Engine, make_engine

_OF_PROGRAMS = [
    "field",
    "credential",
    "format",
    "campus",
    "verdict",
    "horizon",
    "figures_from",
    "completers",
    "earnings",
    "threshold",
    "debt",
]
_OF_SCHOOLS = [
    "region",
    "control",
    "place_precision",
    "xyz",
    "net_price",
    "completion",
    "enrolment",
]


def multiplied(engine: Engine, times: int) -> Engine:
    """Give every school so many copies, each with all its programs; order and slices hold."""
    catalog = engine.catalog
    copies = np.arange(times, dtype=np.int32)
    changed: dict[str, Any] = {name: _repeat(catalog, name, times) for name in _OF_PROGRAMS}
    changed |= {name: _repeat(catalog, name, times) for name in _OF_SCHOOLS}
    changed["school"] = (catalog.school[:, None] * np.int32(times) + copies).ravel()
    changed["unitid"] = np.arange(1, len(catalog.unitid) * times + 1, dtype=np.int32)
    changed["slices"] = catalog.slices * times
    for name in ("title", "school_name", "school_city", "school_url"):
        changed[name] = _repeat_text(getattr(catalog, name), times)
    key = _keys(catalog, changed)
    order = np.argsort(key, kind="stable")
    changed |= {"key": key[order], "key_row": order.astype(np.int32)}
    larger = dataclasses.replace(catalog, **changed)
    combination = np.repeat(engine.scores.combination, times)
    scores = dataclasses.replace(engine.scores, combination=combination)
    return make_engine(larger, engine.places, engine.ranker, scores)


def _repeat(catalog: Catalog, name: str, times: int) -> NDArray[Any]:
    return np.repeat(getattr(catalog, name), times, axis=0)


def _repeat_text(column: TextColumn, times: int) -> TextColumn:
    texts = [column[row].encode() for row in range(len(column)) for _ in range(times)]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return TextColumn(np.frombuffer(b"".join(texts) or b"\0", np.uint8), offsets)


def _keys(catalog: Catalog, changed: dict[str, Any]) -> NDArray[np.int64]:
    cips = np.array([int(cip.replace(".", "")) for cip in catalog.cips], np.int64)
    parts = (
        changed["unitid"][changed["school"]],
        cips[changed["field"]],
        np.array(LEVELS, np.int64)[changed["credential"]],
        changed["format"],
        changed["campus"],
    )
    return np.asarray(pack_key(*(part.astype(np.int64) for part in parts)))
