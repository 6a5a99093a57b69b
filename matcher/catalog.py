"""The catalog: all programs as one immutable, memory-mapped, columnar snapshot.

A snapshot is a folder ``STORE/catalog/<version>/`` of ``.npy`` columns and a ``manifest.json``; its
version is a hash of its bytes. Programs are sorted by (cip, credential, state, school), so that the
candidates of a field and level are one slice. ``matcher/ingest`` writes snapshots; this module only
reads them, and imports nothing but numpy.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.domain.errors import SchoolmatchError
from models.domain.levels import SCORECARD_CREDENTIALS, CredentialLevel

UNKNOWN_ROW = -1

# The order of these is part of the snapshot format: codes are places in the tuple.
CREDENTIALS: tuple[CredentialLevel, ...] = tuple(CredentialLevel)
CONTROLS = ("public", "private_nonprofit", "private_for_profit")
FORMATS = ("unknown", "campus", "online", "both")
VERDICTS = ("not_judged", "above", "below")
PRECISIONS = ("exact", "city", "state", "unknown")
HORIZONS = ("none", "1yr", "4yr")
BADGES = (
    "online_courses",
    "financial_aid",
    "flexible_schedule",
    "working_adults",
    "credits_transfer",
)
# Where a program's figures come from: keys of the manifest's sources, by code.
FIGURE_SOURCES = ("programs", "field_of_study", "own")
# Schools that have no UNITID take one of these numbers, given by the operator.
OWN_SCHOOLS = range(9_000_001, 10_000_000)

# The Scorecard's CREDLEV of each credential code: what program ids say.
LEVELS: tuple[int, ...] = tuple(
    next(level for level, name in SCORECARD_CREDENTIALS.items() if name is credential)
    for credential in CREDENTIALS
)

_Number = TypeVar("_Number", int, NDArray[np.int64])


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Strings as one blob of UTF-8 and n + 1 offsets."""

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __getitem__(self, row: int) -> str:
        """Read one string."""
        return bytes(self.blob[self.offsets[row] : self.offsets[row + 1]]).decode()

    def texts(self, rows: Sequence[int] | NDArray[np.int32]) -> list[str]:
        """Read strings by their rows; most are empty in some columns, which costs nothing."""
        if not len(self.blob):
            return [""] * len(rows)
        first = self.offsets.take(rows)
        last = self.offsets.take(np.add(rows, 1))
        return [
            self.blob[start:end].tobytes().decode() if end > start else ""
            for start, end in zip(first.tolist(), last.tolist(), strict=True)
        ]

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Catalog:
    """One published snapshot. P programs, S schools, F fields (CIP families), R regions.

    Program columns, shape (P,): ``school`` int32 row of the school; ``field`` int16 row of the
    field; ``credential``, ``format``, ``verdict``, ``horizon`` uint8 codes into the tuples above;
    ``completers``, ``earnings`` (USD a year, median, ``horizon`` after completion), ``threshold``
    (USD, what the verdict compares with), ``debt`` (USD, median federal) float32 with NaN where
    nothing is published; ``campus`` int16 number of the campus (0 where unknown).
    ``title`` the school's own title, "" where it gave none. ``figures_from`` uint8 code into
    ``FIGURE_SOURCES``.

    School columns, shape (S,): ``unitid`` int32; ``school_name``, ``school_city``, ``school_url``
    text; ``region`` int16 row of its state or -1; ``control`` uint8; ``place_precision`` uint8;
    ``xyz`` float32 (S, 3) unit vector of its place, NaN when precision is worse than city;
    ``net_price`` (USD a year), ``completion`` (share 0..1), ``enrolment`` float32, NaN if missing.

    ``slices`` int64 (F, C + 1): programs of field f and credential c are rows
    ``slices[f, c]:slices[f, c + 1]``. ``regions`` are state and province codes by row; ``cips``
    are ``51.07``-style families by row. ``key`` int64 (P,) sorted packed program keys with
    ``key_row`` int32 their rows. ``said`` JSON texts, what schools say of the programs in rows
    ``said_row`` int32, rising; ``said_place`` finds them by row. ``career`` (F,) and ``occupation``
    (by code) JSON texts that ``matcher.careers`` reads; both empty where no file was imported.
    """

    version: str
    path: Path
    manifest: Mapping[str, Any]
    regions: tuple[str, ...]
    cips: tuple[str, ...]
    field_names: tuple[str, ...]
    slices: NDArray[np.int64]
    school: NDArray[np.int32]
    field: NDArray[np.int16]
    credential: NDArray[np.uint8]
    format: NDArray[np.uint8]
    campus: NDArray[np.int16]
    verdict: NDArray[np.uint8]
    horizon: NDArray[np.uint8]
    completers: NDArray[np.float32]
    earnings: NDArray[np.float32]
    threshold: NDArray[np.float32]
    debt: NDArray[np.float32]
    title: TextColumn
    key: NDArray[np.int64]
    key_row: NDArray[np.int32]
    unitid: NDArray[np.int32]
    school_name: TextColumn
    school_city: TextColumn
    school_url: TextColumn
    region: NDArray[np.int16]
    control: NDArray[np.uint8]
    place_precision: NDArray[np.uint8]
    xyz: NDArray[np.float32]
    net_price: NDArray[np.float32]
    completion: NDArray[np.float32]
    enrolment: NDArray[np.float32]
    figures_from: NDArray[np.uint8]
    said: TextColumn
    said_place: Mapping[int, int]
    career: TextColumn
    occupation: TextColumn


class CatalogDamagedError(SchoolmatchError):
    """The files of a snapshot are not what was built."""


def pack_key(
    unitid: _Number, cip: _Number, level: _Number, format_code: _Number, campus: _Number
) -> _Number:
    """Pack what a program id says into one number, the same in every version of the catalog.

    Args:
        unitid: below 2**27, so that the Scorecard's eight-digit branches fit.
        cip: the 4-digit family as a number, such as 5107.
        level: the Scorecard's CREDLEV.
        format_code: place in ``FORMATS``.
        campus: number of the campus, 0 where unknown, below 2**13.
    """
    return (unitid << 36) | (cip << 22) | (level << 15) | (format_code << 13) | campus


def map_array(path: Path) -> NDArray[Any]:
    """Map an array into memory, read-only.

    As a plain array: numpy's memmap class runs Python code at every element that is read, which
    cost a page of results more than everything else together.
    """
    mapped: NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return mapped


def open_catalog(path: Path) -> Catalog:
    """Map a snapshot into memory; pages are shared between processes and read when touched.

    Raises:
        FileNotFoundError: when the folder is not a whole snapshot.
        CatalogDamagedError: when a file is cut short or changed. All 13 MB are read to see that:
            50 ms.
    """
    try:
        manifest = json.loads((path / "manifest.json").read_text())
        columns = _map_columns(path, manifest)
    except (ValueError, EOFError) as error:
        raise _damaged(path) from error
    if hash_folder(path) != path.name:
        raise _damaged(path)
    programs = len(columns["school"])
    # Snapshots of before schools' own words have none of these.
    columns.setdefault("figures_from", np.zeros(programs, np.uint8))
    for name in ("said", "career", "occupation"):
        columns.setdefault(name, TextColumn(np.zeros(0, np.uint8), np.zeros(1, np.int64)))
    said_row = columns.pop("said_row", np.zeros(0, np.int32))
    columns["said_place"] = {row: place for place, row in enumerate(said_row.tolist())}
    return Catalog(
        version=path.name,
        path=path,
        manifest=manifest,
        regions=tuple(manifest["regions"]),
        cips=tuple(manifest["cips"]),
        field_names=tuple(manifest["field_names"]),
        **columns,
    )


def hash_folder(folder: Path) -> str:
    """Hash names and contents of a folder's files: the first 16 hex digits of SHA-256."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _damaged(path: Path) -> CatalogDamagedError:
    return CatalogDamagedError(
        f"The files of catalog {path.name} are not what was built. Remove {path} and build it "
        "again."
    )


def _map_columns(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: map_array(path / f"{name}.npy") for name in manifest["columns"]
    }
    for name in manifest["text_columns"]:
        columns[name] = TextColumn(
            map_array(path / f"{name}.blob.npy"),
            map_array(path / f"{name}.offsets.npy"),
        )
    return columns
