"""Finds names by words, forgiving slips of the finger, accents and missing words.

Names are compared by the groups of three letters that they share with what was typed; a group that
few names have counts more (the logarithm of how few, up to a bound). A table of all schools' names
is 0.3 MB, made when it is first asked; a search reads it once, in a few milliseconds.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.careers import occupations
from matcher.catalog import open_catalog

# The one that serves and, while it is being replaced, the next.
_KEPT = 2
# Longer than any name; what follows would only cost time.
_LONGEST = 100
# Below this share of what was typed a name is about something else.
LEAST = 0.5
# How much of a score is that the name says little else than what was typed.
_LITTLE_ELSE = 0.15
# A group that one name in twenty has; rarer ones are mostly slips of the finger.
_MOST_WEIGHT = 3.0
# Words that stand in no abbreviation.
_SMALL = frozenset({"of", "the", "and", "at", "in", "for", "de", "du", "des", "la", "le", "et"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name by its row, and how well it fits, 0 to 1."""

    row: int
    score: float


class NameTable:
    """Names to search; ``find`` never changes it."""

    def __init__(self, names: Sequence[str]) -> None:
        """Fold names and lay them end to end, each with its abbreviation."""
        folded = [f" {fold(name)} {_initials(name)}".encode() for name in names]
        self._letters = np.frombuffer(b"\n".join(folded), np.uint8)
        lengths = np.array([len(name) + 1 for name in folded], np.int32)
        self._start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        self._length = np.array([len(fold(name)) for name in names], np.int32)

    def find(self, words: str, limit: int) -> list[Found]:
        """Find the names that fit best, best first; equals stay in the table's order.

        Args:
            words: what somebody typed.
            limit: how many at most.
        """
        typed = fold(words[:_LONGEST])
        if len(typed) < 2 or not len(self._length):
            return []
        shared, whole = self._shared(f" {typed} ")
        share = shared / whole
        little_else = np.minimum(len(typed) / np.maximum(self._length, 1), 1.0)
        score = share * (1 - _LITTLE_ELSE) + np.minimum(share, little_else) * _LITTLE_ELSE
        score[share < LEAST] = 0.0
        best = np.argsort(-score, kind="stable")[:limit].tolist()
        return [Found(row, round(float(score[row]), 4)) for row in best if score[row] > 0]

    def _shared(self, typed: str) -> tuple[NDArray[np.float64], float]:
        """Weigh the groups that each name shares with what was typed, and all that was typed."""
        letters = self._letters.astype(np.int32)
        groups = (letters[:-2] << 16) | (letters[1:-1] << 8) | letters[2:]
        shared = np.zeros(len(self._length))
        weights = []
        said = typed.encode()
        asked = {said[at : at + 3] for at in range(len(said) - 2)}
        for group in sorted(asked):
            code = (group[0] << 16) | (group[1] << 8) | group[2]
            places = np.flatnonzero(groups == code)
            rows = np.unique(np.searchsorted(self._start, places, side="right") - 1)
            if len(rows):
                weights.append(min(_MOST_WEIGHT, float(np.log1p(len(shared) / len(rows)))))
                shared[rows] += weights[-1]
        # A group that no name has is a slip, or says nothing of these names: it weighs as others.
        return shared, len(asked) * float(np.mean(weights)) if weights else 1.0


def fold(text: str) -> str:
    """Reduce a name to lower-case letters and digits: ``Québec, 2`` is ``quebec 2``."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    kept = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(re.findall(r"\w+", kept.casefold()))


@lru_cache(maxsize=_KEPT)
def school_names(catalog_path: Path) -> NameTable:
    """The schools of a catalog; rows are the catalog's."""
    catalog = open_catalog(catalog_path)
    return NameTable([catalog.school_name[row] for row in range(len(catalog.unitid))])


@lru_cache(maxsize=_KEPT)
def occupation_names(catalog_path: Path) -> NameTable:
    """The occupations of a catalog; rows are the catalog's."""
    return NameTable([one.title for one in occupations(open_catalog(catalog_path))])


def _initials(name: str) -> str:
    """The abbreviation of a name of three words or more; others have none that tells them apart."""
    letters = [word[0] for word in fold(name).split() if word not in _SMALL]
    return f"{''.join(letters)} " if len(letters) > 2 else ""
