"""Reads rankers from the store and tabulates their scores of a catalog's programs.

A score is ``S[level, format][program] + C[level, format][cross code]``, whole numbers both. S and
what each feature contributes to it are computed once for a catalog and a ranker, kept beside them
in ``STORE/scores/<catalog>-<ranker>/``, and mapped into memory.
"""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog, map_array
from matcher.chances import CHANCES, ChanceForests, Chances, chances_of
from matcher.features.declared import CROSS, PROGRAM, declarations_hash
from matcher.features.pack import Codes, all_codes, pack, unpack
from matcher.features.program import program_columns
from matcher.forest import CROSS_TREES, FOREST_ARRAYS, PROGRAM_TREES, FlatForest, tabulate
from matcher.signature import is_signed
from models.domain.errors import SchoolmatchError, TamperedError

MANIFEST, CARD, ESTIMATOR = "manifest.json", "card.json", "estimator.skops"
CARD_FOR_PEOPLE = "card.md"
# How the tables lie in their files; others are made anew.
_LAYOUT = 4
_SCORE_ARRAYS = (
    *("program", "combination", "contribution", "cross"),
    *("program_odds", "cross_odds"),
)


class UnsignedError(SchoolmatchError):
    """A ranker was not signed with this installation's key: nobody here made it."""


class OtherFeaturesError(SchoolmatchError):
    """A ranker was fitted on other feature declarations than this version of the program has."""


@dataclass(frozen=True, slots=True)
class ServedRanker:
    """A ranker as it serves: verified trees of its order and of its chances, its card."""

    version: str
    provenance: str
    path: Path
    card: Mapping[str, Any]
    forest: FlatForest
    chances: ChanceForests


@dataclass(frozen=True, slots=True)
class Scores:
    """A ranker's tables for a catalog. Q = education levels x formats, P programs.

    ``program`` int32 (Q, U) is S, for each of U combinations of program codes: some thousands,
    which stay in the processor's cache where a number for each program would take 20 MB;
    ``combination`` unsigned (P,) says which one a program has; ``contribution`` int32
    (Q, U, program features) what each feature adds compared with its neutral code; ``cross`` int32
    (Q, X) is C, X packed cross codes. ``program_odds`` (Q, U, 3) and ``cross_odds`` (Q, X, 3) are
    the same of the chances, in the order of ``chances.CHANCES``.
    """

    program: NDArray[np.int32]
    combination: NDArray[np.unsignedinteger[Any]]
    contribution: NDArray[np.int32]
    cross: NDArray[np.int32]
    program_odds: NDArray[np.int32]
    cross_odds: NDArray[np.int32]

    def chances(self, request: int, rows: NDArray[np.int32], crosses: NDArray[np.int32]) -> Chances:
        """Read chances of programs for a request.

        Args:
            request: the request's row, of Q.
            rows: the programs', shape (n,).
            crosses: packed cross codes of each, shape (n,).
        """
        odds = self.program_odds[request].take(self.combination.take(rows), axis=0)
        odds += self.cross_odds[request].take(crosses, axis=0)
        return chances_of(odds)


def ranker_version(forest: FlatForest, chances: ChanceForests) -> str:
    """Name a ranker after what decides a slate: trees of order and chances, features."""
    trees = (forest, *(getattr(chances, name) for name in CHANCES))
    text = " ".join([*(each.content_hash() for each in trees), declarations_hash()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def open_ranker(path: Path, key: bytes) -> ServedRanker:
    """Read and verify a ranker's folder.

    Args:
        path: the folder.
        key: the public key its manifest must be signed with (``matcher.signature``).

    Raises:
        FileNotFoundError: when the folder is not a whole ranker, or has no chances yet.
        UnsignedError: when its manifest is not signed with the key.
        TamperedError: when a file's bytes are not those that were written.
        OtherFeaturesError: when its features are not ours.
    """
    if not is_signed(json.loads((path / MANIFEST).read_text()), key):
        raise UnsignedError(
            f"{path / MANIFEST} is not signed with RANKER_KEY: another installation wrote it, or "
            "somebody changed it. Train or fit the ranker here."
        )
    _verify(path)
    card = json.loads((path / CARD).read_text())
    if card["features"] != declarations_hash():
        raise OtherFeaturesError(
            f"ranker {path.name} was fitted on other features; run `schoolmatch ranker fit-prior`"
        )
    forest = _forest(path, "")
    chances = ChanceForests(**{name: _forest(path, f"{name}_") for name in CHANCES})
    if ranker_version(forest, chances) != path.name:
        raise TamperedError(f"ranker {path.name} is not what its name says")
    return ServedRanker(path.name, card["provenance"], path, card, forest, chances)


def _forest(path: Path, prefix: str) -> FlatForest:
    return FlatForest(**{name: np.load(path / f"{prefix}{name}.npy") for name in FOREST_ARRAYS})


def scores_path(catalog: Catalog, ranker: ServedRanker) -> Path:
    """Where the tables of a catalog and a ranker live."""
    return ranker.path.parent.parent / "scores" / f"{catalog.version}-{ranker.version}"


def open_scores(catalog: Catalog, ranker: ServedRanker) -> Scores:
    """Map the tables into memory, making them first where nobody has.

    Raises:
        TamperedError: when a table's bytes are not those that were written.
    """
    path = tabulate_scores(catalog, ranker)
    _verify(path)
    return Scores(*(map_array(path / f"{name}.npy") for name in _SCORE_ARRAYS))


def tabulate_scores(catalog: Catalog, ranker: ServedRanker) -> Path:
    """Make the tables of a catalog and a ranker, atomically, unless they are there."""
    path = scores_path(catalog, ranker)
    path.parent.mkdir(parents=True, exist_ok=True)
    if _is_current(path):
        return path
    with _one_at_a_time(path.parent):
        if not _is_current(path):
            _write_scores(path, make_scores(catalog, ranker))
    return path


def make_scores(catalog: Catalog, ranker: ServedRanker) -> Scores:
    """Compute the tables of a catalog and a ranker."""
    forest = ranker.forest
    rows = np.arange(len(catalog.school), dtype=np.int32)
    packed = pack(PROGRAM, program_columns(catalog, rows))
    distinct, combination = np.unique(packed, return_inverse=True)
    programs, meetings = unpack(PROGRAM, distinct), all_codes(CROSS)
    half, contribution = _with_contributions(forest, programs)
    cross = tabulate(forest, CROSS_TREES, CROSS, meetings)
    program_odds, cross_odds = ranker.chances.tabulate(programs, meetings)
    requests = half.shape[0] * half.shape[1]
    return Scores(
        program=np.ascontiguousarray(half.reshape(requests, -1)),
        combination=combination.astype(np.min_scalar_type(len(distinct))),
        contribution=contribution.reshape(requests, len(distinct), len(PROGRAM)),
        cross=cross.reshape(requests, -1),
        program_odds=program_odds,
        cross_odds=cross_odds,
    )


def _with_contributions(
    forest: FlatForest, columns: list[Codes]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Tabulate combinations of codes, and each again with one feature at its neutral code."""
    variants = [columns]
    for place, feature in enumerate(PROGRAM):
        neutral = list(columns)
        neutral[place] = np.full_like(columns[place], feature.neutral)
        variants.append(neutral)
    count = len(columns[0])
    stacked = [np.concatenate(parts) for parts in zip(*variants, strict=True)]
    # Variants meet often: each distinct one is summed once.
    distinct, back = np.unique(pack(PROGRAM, stacked), return_inverse=True)
    table = tabulate(forest, PROGRAM_TREES, PROGRAM, unpack(PROGRAM, distinct))[:, :, back]
    as_is = table[:, :, :count]
    contributions = [
        as_is - table[:, :, (place + 1) * count : (place + 2) * count]
        for place in range(len(PROGRAM))
    ]
    return as_is, np.stack(contributions, axis=-1)


def _is_current(path: Path) -> bool:
    """Whether the tables are there, and laid out as this version of the program reads them."""
    manifest = path / MANIFEST
    return manifest.exists() and json.loads(manifest.read_text()).get("layout") == _LAYOUT


def _write_scores(path: Path, scores: Scores) -> None:
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    for name in _SCORE_ARRAYS:
        np.save(folder / f"{name}.npy", getattr(scores, name))
    hashes = {file.name: _sha256(file) for file in sorted(folder.iterdir())}
    document = {"version": path.name, "layout": _LAYOUT, "files": hashes}
    (folder / MANIFEST).write_text(json.dumps(document, indent=1))
    folder.chmod(0o755)
    if path.exists():  # what a dead process or an older version left
        shutil.rmtree(path)
    folder.rename(path)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, on a file that stays."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _verify(path: Path) -> None:
    manifest = json.loads((path / MANIFEST).read_text())
    for name, expected in manifest["files"].items():
        if _sha256(path / name) != expected:
            raise TamperedError(f"{path / name} is not what was written; remove {path}")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
