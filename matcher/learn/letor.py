"""Public ranking sets: LETOR and SVMlight lines with ``qid``, read line by line, and a made one.

    GRADE qid:QUERY FEATURE:VALUE FEATURE:VALUE … # whatever

Features are numbered from 1, rising within a line; one that is left out is 0. Lines of a query
stand together, as all public sets have them.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.domain.errors import SchoolmatchError

# Gains are 2^grade - 1.
MOST_GRADE = 31
MOST_FEATURES = 100_000
_CHUNK = 4096

Numbers = NDArray[np.float64]


class BadSetError(SchoolmatchError):
    """A ranking set cannot be used; the text says where, why and what to do."""


@dataclass(frozen=True, slots=True)
class RankingSet:
    """n documents with judgements: ``features`` float32 (n, f), ``grades`` (n,), ``query`` (n,).

    Queries are numbered in the order they come, documents of a query side by side.
    """

    features: NDArray[np.float32]
    grades: Numbers
    query: NDArray[np.int32]

    @property
    def gains(self) -> Numbers:
        """2^grade - 1, shape (n,)."""
        gains: Numbers = 2.0**self.grades - 1
        return gains

    @property
    def queries(self) -> int:
        """How many queries there are."""
        return int(self.query[-1]) + 1

    def widened(self, features: int) -> "RankingSet":
        """The same with so many features; new ones are 0."""
        more = features - self.features.shape[1]
        return RankingSet(np.pad(self.features, ((0, 0), (0, more))), self.grades, self.query)


def read_set(path: Path) -> RankingSet:
    """Read a file.

    Raises:
        BadSetError: with the file's name and line, why it cannot be used and what to do.
    """
    with path.open("rb") as lines:
        return _read(path.name, lines)


def _read(name: str, lines: Iterable[bytes]) -> RankingSet:
    chunks: list[NDArray[np.float32]] = []
    rows: list[dict[int, float]] = []
    grades: list[float] = []
    query: list[int] = []
    seen: dict[str, int] = {}
    before, width = "", 0
    for number, line in enumerate(lines, 1):
        parsed = _parse(line, f"{name}, line {number}")
        if parsed is None:
            continue
        grade, qid, values = parsed
        if qid != before and qid in seen:
            raise BadSetError(
                f"{name}, line {number}: query {qid} comes again after another one. "
                "Sort the file by qid, keeping the order within a query."
            )
        before = qid
        grades.append(grade)
        query.append(seen.setdefault(qid, len(seen)))
        rows.append(values)
        width = max(width, max(values, default=0))
        if len(rows) == _CHUNK:
            chunks.append(_dense(rows, width))
            rows = []
    if not grades or not width:
        raise BadSetError(f"{name} holds no document with features. Is it the right file?")
    chunks.append(_dense(rows, width))
    wide = [np.pad(chunk, ((0, 0), (0, width - chunk.shape[1]))) for chunk in chunks]
    return RankingSet(np.concatenate(wide), np.array(grades), np.array(query, np.int32))


def _dense(rows: list[dict[int, float]], width: int) -> NDArray[np.float32]:
    dense = np.zeros((len(rows), width), np.float32)
    for row, values in enumerate(rows):
        dense[row, np.fromiter(values, np.int64, len(values)) - 1] = list(values.values())
    return dense


def _parse(line: bytes, where: str) -> tuple[float, str, dict[int, float]] | None:
    """Read a line: grade, query, values by feature; None for an empty one."""
    try:
        words = line.partition(b"#")[0].decode("ascii").split()
    except UnicodeDecodeError:
        raise BadSetError(f"{where}: not plain text. Unpack the file first.") from None
    if not words:
        return None
    grade = _number(words[0])
    if grade is None or not 0 <= grade <= MOST_GRADE:
        raise BadSetError(
            f"{where}: the grade is {words[0]!r}; it must be a number from 0 to {MOST_GRADE}."
        )
    if len(words) < 2 or not words[1].startswith("qid:") or len(words[1]) == 4:
        raise BadSetError(
            f"{where}: no qid:… after the grade. Sets without queries cannot be used."
        )
    return grade, words[1][4:], _values(words[2:], where)


def _values(words: list[str], where: str) -> dict[int, float]:
    values: dict[int, float] = {}
    last = 0
    for word in words:
        feature, _, text = word.partition(":")
        value = _number(text)
        if not feature.isdecimal() or value is None:
            raise BadSetError(f"{where}: {word!r} is not FEATURE:VALUE with two finite numbers.")
        last, before = int(feature), last
        if not before < last <= MOST_FEATURES:
            raise BadSetError(
                f"{where}: feature {feature} after {before}; features must rise within a line, "
                f"from 1 to at most {MOST_FEATURES:,}."
            )
        values[last] = value
    return values


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def made_set(seed: int, queries: int) -> RankingSet:
    """Make a set: 20 to 60 documents a query, 25 features, grades 0 to 4.

    Relevance is a sum of steps, products and bends of features, some of the query alone, and noise
    that nobody can know: the best order finds about two thirds of what there is to find.
    """
    chance = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries, dtype=np.int32), chance.integers(20, 61, queries))
    count = len(query)
    features = chance.standard_normal((count, 25))
    features[:, 10:15] = np.exp(features[:, 10:15])
    features[:, 15:20] = np.floor(3 * chance.random((count, 5)) ** 2)
    features[:, 20:23] = chance.standard_normal((queries, 3))[query]
    f = features.T
    relevance = f[0] + 0.8 * np.maximum(f[1], 0) + 0.6 * f[2] * (f[20] > 0) - 0.5 * np.abs(f[3])
    relevance += 0.4 * np.log1p(f[10]) + 0.5 * (f[15] > 0) * f[4] + 0.3 * f[16]
    relevance += 0.5 * f[5] * f[6] + 1.5 * chance.standard_normal(count)
    grades = np.digitize(relevance, (1.2, 2.2, 3.2, 4.2)).astype(np.float64)
    return RankingSet(features.astype(np.float32), grades, query)


def written(made: RankingSet) -> Iterator[str]:
    """Write a set as lines."""
    for values, grade, query in zip(made.features, made.grades, made.query, strict=True):
        told = " ".join(f"{place}:{value:.6g}" for place, value in enumerate(values.tolist(), 1))
        yield f"{int(grade)} qid:{query + 1} {told}\n"
